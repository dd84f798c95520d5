import type { Tone } from "#app/_ui/statuses.ts";
import { Timeline, type TimelineItem } from "#app/_ui/timeline.tsx";
import type { Change } from "#db/schema/index.ts";
import { outcomeSentence } from "./outcome.ts";
import { causeWord, headline } from "./words.ts";

type Sync = {
  id: string;
  at: Date;
  cause: string;
  source: "fetch" | "payload";
  outcome: "changed" | "unchanged" | "waiting" | "unknown" | "failed" | "parked";
  reason: string | null;
  changes: readonly Change[];
  ring: number;
  versionBefore: number;
  versionAfter: number;
  durationMs: number;
};

const OUTCOMES: Readonly<Record<Sync["outcome"], { tone: Tone; word: string }>> = {
  changed: { tone: "green", word: "Changed something" },
  unchanged: { tone: "grey", word: "Nothing to change" },
  waiting: { tone: "amber", word: "Waits" },
  unknown: { tone: "amber", word: "Not found at the gateway" },
  failed: { tone: "red", word: "Failed" },
  parked: { tone: "red", word: "Put aside" },
};

/** Looks at an object, each with what it came to. `coveringId` marks the one that settled an event. */
export function SyncTimeline({
  syncs,
  coveringId,
}: {
  syncs: readonly Sync[];
  coveringId?: string | null;
}) {
  const items: TimelineItem[] = syncs.map((sync) => ({
    id: sync.id,
    at: sync.at,
    tone: OUTCOMES[sync.outcome].tone,
    title: `${OUTCOMES[sync.outcome].word}${sync.id === coveringId ? " · settled this event" : ""}`,
    body: (
      <>
        <p className="wrap-anywhere">{headline(sync.changes) ?? outcomeSentence(sync)}</p>
        <p className="text-xs">
          {causeWord(sync.cause)} ·{" "}
          {sync.source === "fetch" ? "asked the gateway" : "from payloads"} · {sync.durationMs} ms ·
          version {sync.versionBefore} → {sync.versionAfter}
        </p>
      </>
    ),
  }));
  return <Timeline items={items} />;
}
