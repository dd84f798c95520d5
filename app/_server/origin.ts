import type { Origin } from "#lib/actor.ts";

type Settings = { publicUrl: string | undefined; trustProxy: boolean };

/** Where this request came from, for the audit log and the limits on attempts. */
export function originOf(headers: Headers): Origin {
  // The nearest proxy writes last; whatever stands before it, a client can have written.
  const ip = headers.get("x-forwarded-for")?.split(",").at(-1)?.trim();
  return { ip: ip || null, userAgent: headers.get("user-agent")?.slice(0, 400) ?? null };
}

/**
 * Whether a page of ours sent this request: its `Origin` is the public address, or the host that the
 * request itself names. None at all, or `null`, is not ours: browsers send one with every change.
 */
export function isOwnOrigin(headers: Headers, settings: Settings): boolean {
  const origin = parsed(headers.get("origin"));
  if (!origin) return false;
  if (settings.publicUrl && origin.origin === parsed(settings.publicUrl)?.origin) return true;
  const forwarded = settings.trustProxy ? headers.get("x-forwarded-host") : null;
  const host = forwarded?.split(",")[0]?.trim() || headers.get("host");
  return host !== null && origin.host === parsed(`${origin.protocol}//${host}`)?.host;
}

function parsed(url: string | null): URL | undefined {
  if (!url || !URL.canParse(url)) return undefined;
  const { protocol } = new URL(url);
  return protocol === "http:" || protocol === "https:" ? new URL(url) : undefined;
}
