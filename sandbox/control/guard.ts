import type { Context, Next } from "hono";

/**
 * Keeps other sites' pages away from the control page and its API: they could make a browser on this
 * machine call it. Only this machine's own names are answered (a name that was pointed here by somebody's
 * DNS is not), and nothing that another origin asks for.
 */
export async function guard({ req, json }: Context, next: Next): Promise<Response | undefined> {
  const host = req.header("host") ?? "";
  const origin = req.header("origin");
  const site = req.header("sec-fetch-site");
  const isOwnName = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/.test(host);
  const isOwnPage = origin === undefined || origin === `http://${host}`;
  // A link or a typed address reads only; another site's form or script comes with its own `Origin`.
  const isOwnSite = site === undefined || site === "same-origin" || site === "none";
  const isRead = req.method === "GET" || req.method === "HEAD";
  const isLink = isRead && req.header("sec-fetch-mode") === "navigate";
  if (isOwnName && isOwnPage && (isOwnSite || isLink)) {
    await next();
    return undefined;
  }
  return json({ error: { message: "The sandbox is controlled from its own pages only." } }, 403);
}
