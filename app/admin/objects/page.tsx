import type { Metadata } from "next";
import { requireAdministrator } from "#app/_server/session.ts";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Card } from "#app/_ui/section.tsx";
import { listParked } from "#lib/inbox/object-views.ts";
import { ParkedTable } from "../_parts/parked-table.tsx";

export const metadata: Metadata = { title: "Parked objects" };

/** What was put aside after failing too often. */
export default async function ParkedObjectsPage() {
  const actor = await requireAdministrator();
  return (
    <>
      <PageHeader
        title="Parked objects"
        description="They failed too often and were put aside. Mend the cause, then resume them."
      />
      <Card flush>
        <ParkedTable rows={await listParked(actor)} />
      </Card>
    </>
  );
}
