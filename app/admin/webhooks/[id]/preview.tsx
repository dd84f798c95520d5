"use client";

import { useActionState } from "react";
import { ErrorNotice } from "#app/_ui/error-notice.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { Changes } from "../../_parts/changes.tsx";
import { preview } from "./actions.ts";

/** "What would change now": asks the gateway, decides, and takes it all back. */
export function Preview({ eventId }: { eventId: string }) {
  const [answer, ask] = useActionState(preview, null);
  return (
    <form action={ask} className="grid gap-4">
      <input type="hidden" name="eventId" value={eventId} />
      <div>
        <SubmitButton variant="secondary" size="sm">
          What would change now
        </SubmitButton>
      </div>
      <div role="status" className="grid gap-4 empty:hidden">
        {answer && !answer.ok && (
          <ErrorNotice title={answer.message} reference={answer.reference} />
        )}
        {answer?.ok && (
          <>
            <p className="text-sm">
              {answer.value?.sentence ??
                "A worker is at this object right now. Ask again in a moment."}{" "}
              <span className="text-muted">This was a rehearsal; nothing was changed.</span>
            </p>
            {answer.value && answer.value.changes.length > 0 && (
              <Changes changes={answer.value.changes} />
            )}
          </>
        )}
      </div>
    </form>
  );
}
