import { createHash } from "node:crypto";
import { AppError } from "./errors.ts";

/** What a form shows of something, in words, each under the name of its field. */
export type Shown = Readonly<Record<string, string>>;

/** The mark of what a form was opened with, which it sends along. */
export function seenOf(shown: Shown): string {
  const fields = Object.entries(shown).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(fields)).digest("hex").slice(0, 24);
}

/**
 * Refuses to save over what somebody else saved since the form was opened; each field that is otherwise now
 * says what it is. The caller holds what is saved, so that nobody saves in between. Without a mark nothing
 * was shown; and where nothing would become otherwise, nothing is saved over.
 */
export function refuseUnseen(seen: string | undefined, now: Shown, wanted: Shown): void {
  if (seen === undefined || seen === seenOf(now)) return;
  const others = Object.entries(now).filter(([name, value]) => value !== (wanted[name] ?? value));
  if (others.length === 0) return;
  const sentence =
    "Somebody changed this since you opened it, so nothing was saved. Look at it as it is now, at each field that is otherwise; what you typed is kept.";
  const fields = others.map(([name, value]) => [name, inWords(value)]);
  throw new AppError("conflict", sentence, {
    fields: Object.fromEntries(fields),
    seen: seenOf(now),
  });
}

function inWords(value: string): string {
  return value ? `It is “${value}” now.` : "It is empty now.";
}
