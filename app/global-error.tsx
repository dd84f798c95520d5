"use client";

import { buttonClass } from "./_ui/button-class.ts";
import { Mark } from "./_ui/mark.tsx";
import "./globals.css";

/**
 * When the root layout itself fails: it replaces the whole document, so it leans on nothing that
 * could have failed with it, and its way out is a plain link that loads everything anew.
 */
export default function GlobalError({ retry }: { error: unknown; retry: () => void }) {
  return (
    <html lang="en">
      <head>
        <title>This page could not be shown · Billhook</title>
      </head>
      <body>
        <main className="mx-auto grid min-h-dvh max-w-md content-center justify-items-start gap-4 px-4">
          <Mark className="size-9" />
          <h1 className="text-lg font-semibold">This page could not be shown</h1>
          <p className="text-sm text-muted">
            Something failed on our side. Nothing that you had saved is lost.
          </p>
          <div className="flex gap-2">
            <button type="button" onClick={retry} className={buttonClass({ variant: "primary" })}>
              Try again
            </button>
            <a href="/" className={buttonClass()}>
              Go to the start
            </a>
          </div>
        </main>
      </body>
    </html>
  );
}
