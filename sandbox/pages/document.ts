import { readFileSync } from "node:fs";
import type { Context } from "hono";
import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

/** A piece of a page whose text is escaped. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** What a route of the pages answers. */
export type Answer = Response | Promise<Response>;

/** The later ones have the last word. */
const STYLES = ["page.css", "forms.css", "parts.css"];

/** The one stylesheet and the one script of all pages, by address. */
export const ASSETS = {
  "/_pages/assets/sandbox.css": {
    body: STYLES.map(asset).join("\n"),
    type: "text/css; charset=utf-8",
  },
  "/_pages/assets/sandbox.js": {
    body: asset("sandbox.js"),
    type: "text/javascript; charset=utf-8",
  },
} as const;

function asset(name: string): string {
  return readFileSync(new URL(`./assets/${name}`, import.meta.url), "utf8");
}

export type PageOptions = {
  readonly title: string;
  readonly shape?: "" | "narrow" | "two" | "wide";
  /** Addresses of others that a form of this page may lead to, such as a shop's success page. */
  readonly leadsTo?: readonly (string | null | undefined)[];
};

/** A whole page: marked as the sandbox's, with nothing inline and no way to be framed. */
export async function page(
  context: Context,
  { title, shape = "", leadsTo = [] }: PageOptions,
  body: Html,
): Promise<Response> {
  context.header("Content-Security-Policy", policy(leadsTo));
  context.header("Referrer-Policy", "same-origin");
  context.header("X-Content-Type-Options", "nosniff");
  context.header("Cache-Control", "no-store");
  return context.html(
    await html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>${title} · Sandbox</title>
          <link rel="icon" href="data:," />
          <link rel="stylesheet" href="/_pages/assets/sandbox.css" />
          <script src="/_pages/assets/sandbox.js" defer></script>
        </head>
        <body>
          <a class="skip" href="#main">Skip to the content</a>
          <header class="banner">
            <strong>Sandbox.</strong> No money moves and no card is real.
            <a href="/_sandbox">Control page</a>
          </header>
          <main id="main" class="${shape}">${body}</main>
        </body>
      </html>`,
  );
}

/** Browsers hold `form-action` against redirects too, so each page names where its forms may end. */
function policy(leadsTo: PageOptions["leadsTo"] = []): string {
  const origins = leadsTo.flatMap((address) => {
    const url = address ? URL.parse(address) : null;
    return url?.protocol === "https:" || url?.protocol === "http:" ? [url.origin] : [];
  });
  return [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    `form-action ${["'self'", ...new Set(origins)].join(" ")}`,
  ].join("; ");
}
