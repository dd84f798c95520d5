import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { freePort, type Running, run, serve } from "./process.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const NEXT = path.join(ROOT, "node_modules/next/dist/bin/next");
const APP_BUILD = ".next-bench-app";
const EMPTY_APP = path.join(ROOT, ".next-bench-empty");

/** Room for young objects, as `npm start` gives it; both contenders have it. */
const YOUNG = "--max-semi-space-size=64";
const STARTS_SMALL = ["--import", "./lib/heap.ts"];

export type Contender = Running & { readonly port: number };

/** Billhook by its one entrance, in a role. A worker on its own answers for its metrics only. */
export async function startBillhook(
  role: "web" | "worker" | "all",
  env: Readonly<Record<string, string>> = {},
): Promise<Contender> {
  if (role !== "worker") await buildBillhook();
  const port = await freePort();
  const running = await serve([YOUNG, ...STARTS_SMALL, "server.ts"], port, {
    cwd: ROOT,
    path: role === "worker" ? "/api/metrics" : "/api/health?part=web",
    env: {
      ROLE: role,
      HOST: "127.0.0.1",
      BILLHOOK_DIST_DIR: APP_BUILD,
      ...(role === "worker" ? metricsAt(port) : { PORT: String(port) }),
      ...env,
    },
  });
  return { ...running, port };
}

/** The same receiving function behind the App Router, under `next start`, as for hosts where Next runs alone. */
export async function startRouteHandler(): Promise<Contender> {
  await buildBillhook();
  const port = await freePort();
  const running = await serve([YOUNG, NEXT, "start", "-p", String(port), "-H", "127.0.0.1"], port, {
    cwd: ROOT,
    path: "/api/health?part=web",
    env: { ROLE: "web", BILLHOOK_DIST_DIR: APP_BUILD },
  });
  return { ...running, port };
}

async function buildBillhook(): Promise<void> {
  if (existsSync(path.join(ROOT, APP_BUILD, "BUILD_ID"))) return;
  await run(process.execPath, [NEXT, "build"], {
    cwd: ROOT,
    env: { BILLHOOK_DIST_DIR: APP_BUILD, NEXT_TELEMETRY_DISABLED: "1" },
  });
}

function metricsAt(port: number): Record<string, string> {
  return { METRICS_PORT: String(port), METRICS_TOKEN: "only-for-this-run" };
}

/** An App Router handler that does nothing at all, under `next start`: the most that Next could do. */
export async function startEmptyHandler(): Promise<Contender> {
  rmSync(EMPTY_APP, { recursive: true, force: true });
  for (const [name, text] of Object.entries(EMPTY_FILES)) {
    const file = path.join(EMPTY_APP, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const env = { BILLHOOK_DIST_DIR: "", NEXT_TELEMETRY_DISABLED: "1" };
  await run(process.execPath, [NEXT, "build"], { cwd: EMPTY_APP, env });
  const port = await freePort();
  const running = await serve([YOUNG, NEXT, "start", "-p", String(port), "-H", "127.0.0.1"], port, {
    cwd: EMPTY_APP,
    path: "/api/empty",
    env,
  });
  return { ...running, port };
}

/** Turbopack finds packages below its root only, and they are installed in the folder above. */
const EMPTY_FILES: Readonly<Record<string, string>> = {
  "package.json": '{ "name": "empty", "private": true, "type": "module" }\n',
  "next.config.js":
    'import path from "node:path";\n' +
    'export default { turbopack: { root: path.resolve(import.meta.dirname, "..") } };\n',
  "app/layout.jsx":
    "export default function Layout({ children }) {\n" +
    "  return <html><body>{children}</body></html>;\n}\n",
  "app/api/empty/route.js":
    'export const dynamic = "force-dynamic";\n' +
    "export async function POST() {\n  return Response.json({ received: true });\n}\n",
};

/** What PostgreSQL itself does with one commit for each 2 KB row; undefined where pgbench is not installed. */
export async function pgbench(databaseUrl: string, seconds: number): Promise<number | undefined> {
  const script = path.join(EMPTY_APP, "single-row.sql");
  writeFileSync(
    script,
    "insert into bench_rows (id, body) values (gen_random_uuid()::text, decode(repeat('ab', 2048), 'hex'));\n",
  );
  const options = ["-n", "-M", "prepared", "-c", "32", "-j", "2", "-T", String(seconds)];
  try {
    const said = await run("pgbench", [...options, "-f", script, databaseUrl]);
    return Number(/tps = ([\d.]+)/.exec(said)?.[1]);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
