import { headers } from "next/headers";
import { notFound } from "next/navigation";
import { requireAdministrator } from "#app/_server/session.ts";
import { config } from "#lib/config.ts";
import { mailRoute } from "#lib/notices/mail.ts";

/**
 * Who may read the mailbox: it holds links that let people in, and exists only where mail has nowhere
 * else to go. Somebody at the machine itself may, signed in or not, since a forgotten password lands
 * here; through a tunnel, a proxy or a network, only administrators.
 */
export async function requireMailbox(): Promise<void> {
  if (mailRoute() !== "mailbox") notFound();
  if (!isAtThisMachine(await headers())) await requireAdministrator();
}

/** Bound to this machine only, and asked by its own name: a tunnel or a rebound name brings another. */
function isAtThisMachine(asked: Headers): boolean {
  const names = [asked.get("host"), ...(asked.get("x-forwarded-host")?.split(",") ?? [])];
  return (
    isLoopback(config().host) && names.every((name) => name !== null && isLoopback(hostOf(name)))
  );
}

function hostOf(name: string): string {
  const url = `http://${name.trim()}`;
  return URL.canParse(url) ? new URL(url).hostname : "";
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\]|::1)$/.test(host);
}
