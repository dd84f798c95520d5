import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { config } from "../config.ts";

/** A mail in the mailbox of a machine without a mail server. */
export type KeptMail = z.output<typeof keptMail>;

const keptMail = z.object({
  id: z.string(),
  at: z.string(),
  to: z.array(z.string()),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
});

/** More than anybody reads; the oldest make room. */
const MAILS_MAX = 200;

/**
 * Keeps a mail as a file: `<id>.eml` for mail programs, beside it `<id>.json` for the page that shows
 * it. The second is written first, so that a listed mail can be read.
 */
export async function keep(
  mail: { id: string; to: readonly string[]; subject: string; text: string; html: string },
  source: Buffer,
): Promise<void> {
  const now = new Date().toISOString();
  const id = `${now.replace(/[^0-9]/g, "")}-${mail.id.replace(/[^\w-]/g, "")}`;
  const { to, subject, text, html } = mail;
  await mkdir(folder(), { recursive: true, mode: 0o700 });
  await put(`${id}.json`, JSON.stringify({ id, at: now, to, subject, text, html }));
  await put(`${id}.eml`, source);
  await makeRoom();
}

/** The mails in the mailbox, newest first. */
export async function listMailbox(): Promise<KeptMail[]> {
  const mails = await Promise.all((await ids()).map((id) => readKept(id)));
  return mails.filter((mail) => mail !== undefined);
}

/** One mail, or undefined for anything that is not the id of one. */
export async function readKept(id: string): Promise<KeptMail | undefined> {
  if (!/^[\w-]{1,120}$/.test(id)) return undefined;
  const text = await readFile(path.join(folder(), `${id}.json`), "utf8").catch(() => undefined);
  return text === undefined ? undefined : keptMail.safeParse(JSON.parse(text)).data;
}

async function put(name: string, content: string | Buffer): Promise<void> {
  const draft = path.join(folder(), `.${name}.draft`);
  await writeFile(draft, content, { mode: 0o600 });
  await rename(draft, path.join(folder(), name));
}

async function makeRoom(): Promise<void> {
  const old = (await ids(Number.POSITIVE_INFINITY)).slice(MAILS_MAX);
  for (const id of old) {
    for (const end of [".eml", ".json"]) await rm(path.join(folder(), id + end), { force: true });
  }
}

async function ids(most = MAILS_MAX): Promise<string[]> {
  const names = await readdir(folder()).catch(() => []);
  const found = names.filter((name) => /^[\w-]+\.eml$/.test(name)).map((name) => name.slice(0, -4));
  return found.sort().reverse().slice(0, most);
}

function folder(): string {
  return path.join(/* turbopackIgnore: true */ config().dataDir, "mailbox");
}
