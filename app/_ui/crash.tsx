"use client";

import { AuthFrame } from "./auth-frame.tsx";
import { Button } from "./button.tsx";
import { PageHeader } from "./page-header.tsx";

type Props = { error: unknown; retry: () => void };

const TITLE = "This page could not be shown";
const ADVICE =
  "Something failed on our side. Nothing that you had saved is lost. Try again; if it happens again, tell your administrator the reference.";

/** What stands where a whole document should: an apology without blame, a way on, the log's reference. */
export function Crash(props: Props) {
  return (
    <AuthFrame title={TITLE} description={ADVICE}>
      <WayOn {...props} />
    </AuthFrame>
  );
}

/** The same inside a frame, so that the navigation stays: for an area's own `error.tsx`. */
export function CrashInFrame(props: Props) {
  return (
    <div role="alert" className="grid justify-items-start gap-4">
      <PageHeader title={TITLE} description={ADVICE} />
      <WayOn {...props} />
    </div>
  );
}

function WayOn({ error, retry }: Props) {
  const reference = digestOf(error);
  return (
    <>
      {reference && (
        <p className="text-sm text-muted">
          Reference <code className="font-mono text-ink select-all">{reference}</code>
        </p>
      )}
      <Button variant="primary" onClick={retry}>
        Try again
      </Button>
    </>
  );
}

function digestOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("digest" in error)) return undefined;
  return typeof error.digest === "string" ? error.digest : undefined;
}
