import type { Tone } from "#app/_ui/statuses.ts";
import type { Change } from "#db/schema/index.ts";
import type { EventStatus } from "#lib/inbox/views.ts";

/** What each status of an event means, for filters, badges and their explanations. */
export const EVENT_WORDS: Readonly<
  Record<EventStatus, { word: string; tone: Tone; meaning: string }>
> = {
  received: {
    word: "Waiting",
    tone: "blue",
    meaning: "Stored and acknowledged. A worker takes it as soon as one is free.",
  },
  processed: { word: "Processed", tone: "green", meaning: "A sync answered it." },
  ignored: { word: "Ignored", tone: "grey", meaning: "It is about nothing that Billhook mirrors." },
  unmatched: {
    word: "Unmatched",
    tone: "amber",
    meaning: "It waits until it is known whose it is, and is processed by itself then.",
  },
  parked: {
    word: "Parked",
    tone: "red",
    meaning: "It is put aside until somebody looks at it. Nothing else waits for it.",
  },
  conflict: {
    word: "Conflict",
    tone: "amber",
    meaning: "The gateway used this event's id twice for different contents. The first one counts.",
  },
  unknown: {
    word: "Not found",
    tone: "amber",
    meaning: "The gateway knows no such object under the API key in use. Nothing was changed.",
  },
  failed: { word: "Failed", tone: "red", meaning: "The last attempt failed. See the attempts." },
};

/** Why a request was not believed, for the filter and the list. */
export const REFUSAL_WORDS: Readonly<Record<string, string>> = {
  signature_missing: "No signature",
  signature_malformed: "Malformed signature",
  signature_mismatch: "Signature does not match",
  timestamp_too_old: "Too old",
  timestamp_in_future: "From the future",
  mode_mismatch: "Mode contradicts secret",
  no_secret: "No secret configured",
};

export function refusalWord(refusal: string): string {
  return REFUSAL_WORDS[refusal] ?? sentenceCase(refusal);
}

/** What asked for a sync or a change of tier. */
export function causeWord(cause: string): string {
  const words: Readonly<Record<string, string>> = {
    event: "Webhook",
    link: "Customer linked",
    related: "Named by another object",
    unlink: "Customer unlinked",
    mapping: "Price put into a plan",
    replay: "Replay",
    command: "Our own command",
    reconciliation: "Reconciliation",
    import: "Import",
    time: "Passage of time",
    comp: "Given by an administrator",
  };
  return words[cause] ?? sentenceCase(cause);
}

/** What changed, in one line: the tier where it moved, else the first field. */
export function headline(changes: readonly Change[]): string | undefined {
  const told = changes.find((change) => change.field === "tier") ?? changes[0];
  if (!told) return undefined;
  const more = changes.length > 1 ? `, and ${changes.length - 1} more` : "";
  return `${capitalized(inOneLine(told))}${more}`;
}

function inOneLine({ record, field, before, after }: Change): string {
  if (field === "details") return `${record}: details changed`;
  const moved = `${shortly(before)} → ${shortly(after)}`;
  if (field === "tier") return `${record.replace(/^organization /, "")}: ${moved}`;
  return `${record}: ${field} ${moved}`;
}

const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });

/** Instants are told by their day; the event's own page has the minute. */
function shortly(value: string | null): string {
  if (value === null) return "none";
  return /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(value) ? DAY.format(new Date(value)) : value;
}

/** A sentence that was kept with its days as the log writes them, with the days as people do. */
export function withDays(sentence: string): string {
  return sentence.replace(/\b\d{4}-\d{2}-\d{2}\b/g, (day) => DAY.format(new Date(day)));
}

export function sentenceCase(word: string): string {
  return capitalized(word.replaceAll("_", " ").trim());
}

/** A sentence from the log, which may begin with a word of the gateway's. Ids keep their signs. */
export function capitalized(sentence: string): string {
  if (/^[a-z]+_/.test(sentence)) return sentence;
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

/** "10,000 or more" where a count stopped counting. */
export function upTo(count: number, limit: number): string {
  return count >= limit ? `${limit.toLocaleString("en")}+` : count.toLocaleString("en");
}
