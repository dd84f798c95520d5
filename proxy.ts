import { type NextRequest, NextResponse } from "next/server";
import { isOwnOrigin } from "#app/_server/origin.ts";
import { securityHeaders } from "#app/_server/security-headers.ts";
import { config as settings } from "#lib/config.ts";
import { newToken } from "#lib/ids.ts";

/**
 * Runs before pages. It decides nothing about who may do what: each page, action and route does that
 * itself. It refuses changes that no page of ours sent, and sets the headers that protect browsers.
 */
export function proxy(request: NextRequest): NextResponse {
  const { production, publicUrl, trustProxy } = settings();
  const changes = request.method !== "GET" && request.method !== "HEAD";
  if (changes && !isOwnOrigin(request.headers, { publicUrl, trustProxy })) {
    return new NextResponse("This request did not come from a page of this site.\n", {
      status: 403,
      headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
    });
  }

  const nonce = newToken();
  const { pathname, search } = request.nextUrl;
  const https = publicUrl?.startsWith("https:") ?? false;
  const protection = securityHeaders({ nonce, development: !production, https });

  // Next finds the nonce for its own scripts in the request's policy.
  const forwarded = new Headers(request.headers);
  forwarded.set("content-security-policy", protection.get("content-security-policy") ?? "");
  forwarded.set("x-nonce", nonce);
  forwarded.set("x-billhook-path", pathname + search);
  if (!trustProxy) forwarded.set("x-forwarded-host", request.headers.get("host") ?? "");

  const response = NextResponse.next({ request: { headers: forwarded } });
  for (const [name, value] of protection) response.headers.set(name, value);
  if (!/^\/(_next|icon|favicon|apple-touch)/.test(pathname)) {
    response.headers.set("cache-control", "private, no-store");
  }
  return response;
}

/**
 * Everything but what machines send: a webhook's body would be cut here, and its sender has no Origin.
 * Static files need no policy, and a mail shown as HTML brings a stricter one of its own.
 */
export const config = {
  matcher: [
    "/((?!api/webhooks(?:/|$)|api/v1(?:/|$)|api/health(?:/|$)|mailbox/[^/]+/html$|_next/static/|favicon\\.ico$|icon\\.svg$|apple-touch-icon\\.png$).*)",
  ],
};
