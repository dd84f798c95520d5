import type { Metadata } from "next";
import { shownMode } from "#app/_server/mode.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Section } from "#app/_ui/section.tsx";
import { Stat } from "#app/_ui/stat.tsx";
import { recentTierChanges, tracesOf } from "#lib/billing/history-views.ts";
import { catalogue } from "#lib/catalogue/views.ts";
import { counted } from "#lib/counted.ts";
import { firstSteps, type InboxNumbers, inboxNumbers } from "#lib/inbox/object-views.ts";
import { openAlerts } from "#lib/notices/views.ts";
import { MINUTE, SECOND } from "#lib/time.ts";
import { AlertList } from "./_parts/alert-list.tsx";
import { SetUp } from "./_parts/set-up.tsx";
import { TierHistory } from "./_parts/tier-history.tsx";
import { upTo } from "./_parts/words.ts";

export const metadata: Metadata = { title: "Overview" };

const ALERTS_SHOWN = 5;

/** What wants attention first, then whether everything runs, then what happened. */
export default async function OverviewPage() {
  const actor = await requireAdministrator();
  const mode = await shownMode();
  const [alerts, numbers, changes, steps, { plans }] = await Promise.all([
    openAlerts(actor),
    inboxNumbers(actor, mode),
    recentTierChanges(actor),
    firstSteps(actor),
    catalogue(),
  ]);
  const traces = await tracesOf(
    actor,
    changes.map((change) => change.syncId),
  );
  const isReady = steps.hasEvents && steps.hasOrganizations && plans.length > 0;
  return (
    <>
      <PageHeader title="Overview" />
      {alerts.length > 0 && (
        <Section
          title={counted(alerts.length, "open alert")}
          actions={
            alerts.length > ALERTS_SHOWN && (
              <ButtonLink size="sm" href="/admin/alerts">
                All alerts
              </ButtonLink>
            )
          }
        >
          <AlertList alerts={alerts.slice(0, ALERTS_SHOWN)} />
        </Section>
      )}
      {!isReady && (
        <Section
          title="Set up"
          description="A few steps to the first webhook that moves an organization’s tier."
        >
          <SetUp steps={{ ...steps, hasPlans: plans.length > 0 }} />
        </Section>
      )}
      <Numbers numbers={numbers} />
      <Section title="Changes of tier">
        {changes.length > 0 ? (
          <TierHistory changes={changes} traces={traces} />
        ) : (
          <Empty title="No tier has changed yet">
            When a subscription starts, moves or ends, the change stands here with its cause.
          </Empty>
        )}
      </Section>
    </>
  );
}

function Numbers({ numbers: n }: { numbers: InboxNumbers }) {
  return (
    <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-5">
      <Stat
        label="Received"
        value={upTo(n.received, n.upTo)}
        hint="Last 24 hours"
        href="/admin/webhooks"
      />
      <Stat
        label="Waiting now"
        value={upTo(n.waiting, n.upTo)}
        hint={n.lagMs > 0 ? `The oldest for ${duration(n.lagMs)}` : "Nothing is due"}
        tone={n.lagMs > MINUTE ? "amber" : "grey"}
        href="/admin/webhooks?status=received"
      />
      <Stat
        label="Unmatched"
        value={upTo(n.unmatched, n.upTo)}
        hint="Nobody’s customers"
        tone={n.unmatched > 0 ? "amber" : "grey"}
        href="/admin/customers"
      />
      <Stat
        label="Parked"
        value={upTo(n.parked, n.upTo)}
        hint="Put aside after failing"
        tone={n.parked > 0 ? "red" : "grey"}
        href="/admin/objects"
      />
      <Stat
        label="Refused"
        value={upTo(n.refused, n.upTo)}
        hint="Last 24 hours"
        tone={n.refused > 0 ? "amber" : "grey"}
        href="/admin/webhooks?verdict=refused"
      />
    </dl>
  );
}

function duration(ms: number): string {
  if (ms < SECOND) return "less than a second";
  if (ms < 2 * MINUTE) return `${Math.round(ms / SECOND)} seconds`;
  return `${Math.round(ms / MINUTE)} minutes`;
}
