import { TrendingDown, TrendingUp } from "lucide-react";
import { TextLink } from "#app/_ui/text-link.tsx";
import { Timeline } from "#app/_ui/timeline.tsx";
import type { TierChange, Trace } from "#lib/billing/history-views.ts";
import { causeWord, withDays } from "./words.ts";

type Told = Omit<TierChange, "micros"> & { organization?: string };

/** Changes of tier with what caused each, as far as it can be opened. */
export function TierHistory({
  changes,
  traces,
}: {
  changes: readonly Told[];
  traces: ReadonlyMap<string, Trace>;
}) {
  return (
    <Timeline
      items={changes.map((change) => {
        const rose = change.toRank > change.fromRank;
        const trace = change.syncId ? traces.get(change.syncId) : undefined;
        return {
          id: change.id,
          at: change.at,
          tone: rose ? "green" : "grey",
          icon: rose ? <TrendingUp /> : <TrendingDown />,
          title: (
            <>
              {change.organization && (
                <>
                  <TextLink href={`/admin/organizations/${change.organizationId}`}>
                    {change.organization}
                  </TextLink>
                  :{" "}
                </>
              )}
              {change.from} → {change.to}
            </>
          ),
          body: (
            <>
              <p className="wrap-anywhere">{withDays(change.because)}</p>
              <p className="text-xs">
                <Cause change={change} trace={trace} />
              </p>
            </>
          ),
        };
      })}
    />
  );
}

function Cause({ change, trace }: { change: Told; trace: Trace | undefined }) {
  if (trace?.eventId) {
    return (
      <>
        {causeWord(change.cause)}{" "}
        <TextLink href={`/admin/webhooks/${trace.eventId}`}>{trace.eventType}</TextLink>
      </>
    );
  }
  if (trace) {
    return (
      <>
        {causeWord(change.cause)} ·{" "}
        <TextLink href={`/admin/objects/${trace.objectId}#${change.syncId}`}>
          open the sync
        </TextLink>
      </>
    );
  }
  return causeWord(change.cause);
}
