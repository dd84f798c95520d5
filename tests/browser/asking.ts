import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import path from "node:path";
import type { Person } from "./deployments.ts";

/* Asks the app over plain HTTP, as anybody may, and puts what it answers into the role table's words. */

export type Reply = { status: number; location: string; body: string; cookies: string[] };
export type Asked = {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
};

const agent = new Agent({ keepAlive: true });

export function ask(url: string, { method = "GET", headers = {}, body }: Asked = {}) {
  return new Promise<Reply>((resolve, reject) => {
    const sent = request(url, { method, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const { location, "x-action-redirect": moved } = response.headers;
        resolve({
          status: response.statusCode ?? 0,
          location: location ?? String(moved ?? ""),
          body: Buffer.concat(chunks).toString(),
          cookies: (response.headers["set-cookie"] ?? []).map((line) => line.split(";")[0] ?? ""),
        });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Signs somebody in without a browser; answers the cookies of the session. */
export async function openSession(url: string, person: Person): Promise<string> {
  const { form, cookie } = await formOf(url, "", person);
  const reply = await ask(`${url}/api/auth/callback/credentials`, {
    method: "POST",
    headers: { ...FORM, origin: url, cookie },
    body: form,
  });
  const session = reply.cookies.find((each) => each.includes("billhook.session="));
  if (!session) throw new Error(`${person.email} cannot sign in: ${reply.status} ${reply.body}`);
  return session;
}

const FORM = { "content-type": "application/x-www-form-urlencoded" };

/** A form of next-auth, with the token that shows that a page of ours sent it. */
export async function formOf(url: string, cookie: string, person?: Person) {
  const csrf = await ask(`${url}/api/auth/csrf`, { headers: cookie ? { cookie } : {} });
  const { csrfToken }: { csrfToken: string } = JSON.parse(csrf.body);
  const form = new URLSearchParams({ csrfToken, json: "true" });
  if (person) {
    form.set("email", person.email);
    form.set("password", person.password);
  }
  return {
    form: form.toString(),
    headers: FORM,
    cookie: [cookie, ...csrf.cookies].filter(Boolean).join("; "),
  };
}

/** The server actions of the build: where each may be posted, by `file name`. */
export function builtActions(): Map<string, { id: string; page: string }> {
  const manifest = path.join(
    import.meta.dirname,
    "..",
    "..",
    process.env.TEST_DIST_DIR ?? ".next",
    "server",
    "server-reference-manifest.json",
  );
  type Entry = { workers: Record<string, unknown>; filename: string; exportedName: string };
  const { node }: { node: Record<string, Entry> } = JSON.parse(readFileSync(manifest, "utf8"));
  return new Map(
    Object.entries(node).map(([id, { workers, filename, exportedName }]) => {
      const [worker = ""] = Object.keys(workers);
      const page = worker.replace(/^app/, "").replace(/\/\([^)]+\)/g, "");
      return [`${filename} ${exportedName}`, { id, page: page.replace(/\/page$/, "") || "/" }];
    }),
  );
}

/** A form sent to a server action, as Next's own client sends it. */
export function actionRequest(
  id: string,
  fields: Readonly<Record<string, string>>,
  { onlyForm }: { onlyForm: boolean },
) {
  const boundary = "----billhook-roles";
  const parts = Object.entries(fields).map(([name, value]) => [`_1_${name}`, value]);
  parts.push(["0", JSON.stringify(onlyForm ? ["$K1"] : [{ outcome: "none" }, "$K1"])]);
  const body = parts
    .map(([name, value]) => {
      return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    })
    .join("");
  return {
    method: "POST",
    headers: {
      accept: "text/x-component",
      "next-action": id,
      "content-type": `multipart/form-data; boundary=${boundary}`,
    },
    body: `${body}--${boundary}--\r\n`,
  };
}

/** Those that are given the form alone, and not also what was answered before. */
const ONLY_FORM = /signOutHere|chooseMode|api-keys\/actions.ts create/;

/** A form for a server action of the build, and the page that it is sent to. */
export function callOf(
  actions: ReturnType<typeof builtActions>,
  what: string,
  fields: Readonly<Record<string, string>>,
) {
  const action = actions.get(what);
  if (!action) throw new Error(`The build has no action ${what}.`);
  const asked = actionRequest(action.id, fields, { onlyForm: ONLY_FORM.test(what) });
  return { page: action.page, ...asked };
}

/** What a reply is, in the table's words; anything that the table has no word for is told as it is. */
export function inWords({ status, location, body }: Reply): string {
  // An action that succeeds may go there too, but with 303 and without saying where from.
  if (/\/sign-in\?from=/.test(location)) return "sign-in";
  if (status === 307 && location.endsWith("/sign-in")) return "sign-in";
  if (location) {
    const { pathname } = new URL(location.split(";")[0] ?? "", "http://localhost");
    if (status < 400 && /^\/(admin|portal)(\/[\w-]+)?(\/billing)?$/.test(pathname)) return "home";
    return status < 400 ? `on to ${pathname}` : String(status);
  }
  if (status === 200 && /<meta name="robots" content="noindex"/.test(body)) return "a soft 404";
  if (status === 200 && /http-equiv="refresh"/.test(body)) return "a soft redirect";
  if (/"outcome":"refused"/.test(body)) {
    if (/"reference":"(?!\$)/.test(body)) return "a bug";
    if (/Only an owner may change this/.test(body)) return "403";
  }
  return status >= 200 && status < 300 ? "ok" : String(status);
}
