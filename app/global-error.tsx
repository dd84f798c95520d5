"use client";

import { Crash } from "./_ui/crash.tsx";
import "./globals.css";

/** When the root layout itself fails: it replaces the whole document. */
export default function GlobalError(props: { error: unknown; retry: () => void }) {
  return (
    <html lang="en">
      <head>
        <title>This page could not be shown · Billhook</title>
      </head>
      <body>
        <Crash {...props} />
      </body>
    </html>
  );
}
