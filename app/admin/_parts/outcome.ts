import type { Change } from "#db/schema/index.ts";
import { counted } from "#lib/counted.ts";

/** What a dry run came to, as a page shows it. */
export type Previewed = { changes: readonly Change[]; sentence: string };

type Told = { outcome: string; reason: string | null; changes: readonly Change[] };

/** What a sync came to, as a sentence. */
export function outcomeSentence({ outcome, reason, changes }: Told): string {
  const n = changes.length;
  const changed = `${counted(n, "field")} changed.`;
  if (n > 0) return reason ? `${changed} ${reason}` : changed;
  if (reason) return reason;
  switch (outcome) {
    case "changed":
    case "unchanged":
      return "Nothing to change: all of it is true already.";
    case "waiting":
      return "It waits until it is known whose it is.";
    case "unknown":
      return "The gateway knows no such object under the API key in use.";
    case "parked":
      return "It is put aside after too many failures.";
    default:
      return "The attempt failed.";
  }
}
