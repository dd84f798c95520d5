"use client";

import { CheckField } from "./field.tsx";
import { useAnswer } from "./form.tsx";
import { seenIn } from "./form-state.ts";

/**
 * Sends along what a form was opened with. Where somebody else saved meanwhile, it asks whether to save over
 * that: once for each time, and never by pressing the same button again.
 */
export function Seen({ value }: { value: string }) {
  const { seen, values } = useAnswer();
  return (
    <>
      <input type="hidden" name="seen" value={seenIn(values ?? {}) || value} />
      {seen && (
        <CheckField
          key={seen}
          name={`over.${seen}`}
          label="Replace what is there now"
          hint="What stands in this form is saved over what somebody else saved."
        />
      )}
    </>
  );
}
