/** What a server action answers a form: nothing yet, a refusal to show where it belongs, or success. */
export type FormState = {
  readonly outcome: "none" | "refused" | "done";
  /** A sentence. For a refusal: what to do. For success: what happened, shown as a toast. */
  readonly message?: string | undefined;
  /** It was asked for, and is not what was wanted yet: a card was declined, or the answer is awaited. */
  readonly isUnfinished?: boolean | undefined;
  /** Field name to sentence. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
  /** What was typed, sent back so that a page without scripts keeps it. Never secrets. */
  readonly values?: Readonly<Record<string, string>> | undefined;
  /** Finds the log line. */
  readonly reference?: string | undefined;
  /** The mark of what somebody else saved meanwhile. */
  readonly seen?: string | undefined;
};

export const noState: FormState = { outcome: "none" };

export function refused(
  message: string,
  more: Pick<FormState, "fields" | "values" | "reference" | "seen"> = {},
): FormState {
  return { outcome: "refused", message, ...more };
}

export function done(message?: string): FormState {
  return { outcome: "done", message };
}

/** The mark that a form was sent with: of what it was opened with, or of what it is to be saved over. */
export function seenIn(fields: Readonly<Record<string, string>>): string {
  const over = Object.keys(fields).find((name) => name.startsWith("over."));
  return over?.slice("over.".length) ?? fields.seen ?? "";
}
