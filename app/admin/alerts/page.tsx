import { BellOff } from "lucide-react";
import type { Metadata } from "next";
import { requireAdministrator } from "#app/_server/session.ts";
import { Empty } from "#app/_ui/empty.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Section } from "#app/_ui/section.tsx";
import { listParked } from "#lib/inbox/object-views.ts";
import { openAlerts } from "#lib/notices/views.ts";
import { AlertList } from "../_parts/alert-list.tsx";
import { ParkedTable } from "../_parts/parked-table.tsx";

export const metadata: Metadata = { title: "Alerts" };

/** What wants an administrator now. Alerts close by themselves when their cause is mended. */
export default async function AlertsPage() {
  const actor = await requireAdministrator();
  const [alerts, parked] = await Promise.all([openAlerts(actor), listParked(actor)]);
  return (
    <>
      <PageHeader
        title="Alerts"
        description="An alert closes by itself when its cause is mended."
      />
      <Section title="Open">
        {alerts.length > 0 ? (
          <AlertList alerts={alerts} />
        ) : (
          <Empty icon={<BellOff />} title="Nothing wants you">
            When a secret stops working, a key belongs to another account or something fails for
            good, it stands here with the place where it is mended.
          </Empty>
        )}
      </Section>
      {parked.length > 0 && (
        <Section
          title="Parked objects"
          description="They failed too often and were put aside. Nothing else waits for them."
          flush
        >
          <ParkedTable rows={parked} />
        </Section>
      )}
    </>
  );
}
