"use client";

import { Button } from "#app/_ui/button.tsx";
import { ErrorNotice } from "#app/_ui/error-notice.tsx";

/** A page of the portal that failed, inside its frame. */
export default function PortalError({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <ErrorNotice
      title="This page could not be shown"
      reference={digestOf(error)}
      action={<Button onClick={retry}>Try again</Button>}
    >
      Something failed on our side. Nothing was changed. Try again; if it happens again, tell us the
      reference.
    </ErrorNotice>
  );
}

function digestOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("digest" in error)) return undefined;
  return typeof error.digest === "string" ? error.digest : undefined;
}
