"use client";

import { AuthFrame } from "./auth-frame.tsx";
import { Button } from "./button.tsx";

/** What stands where a page should: an apology without blame, a way on, and the reference for the log. */
export function Crash({ error, retry }: { error: unknown; retry: () => void }) {
  const reference = digestOf(error);
  return (
    <AuthFrame
      title="This page could not be shown"
      description="Something failed on our side. Nothing that you had saved is lost. Try again; if it happens again, tell your administrator the reference."
    >
      {reference && (
        <p className="text-sm text-muted">
          Reference <code className="font-mono text-ink select-all">{reference}</code>
        </p>
      )}
      <Button variant="primary" onClick={retry}>
        Try again
      </Button>
    </AuthFrame>
  );
}

function digestOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("digest" in error)) return undefined;
  return typeof error.digest === "string" ? error.digest : undefined;
}
