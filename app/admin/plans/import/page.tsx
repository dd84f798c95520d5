import type { Metadata } from "next";
import { type Address, readAddress, type SearchParams } from "#app/_server/address.ts";
import { shownMode } from "#app/_server/mode.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { findImport, markets } from "#lib/billing/selling/views.ts";
import { catalogue, countUnmapped } from "#lib/catalogue/views.ts";
import { PlanTabs } from "../_parts/frame.tsx";
import { LeftAlone } from "./left-alone.tsx";
import { Pages } from "./pages.tsx";
import { Proposals } from "./proposals.tsx";
import { ReadingSection } from "./reading-section.tsx";

export const metadata: Metadata = { title: "Import" };

/** What the gateways sell, and what of it would be sold here: shown before it is done. */
export default async function ImportPage({ searchParams }: { searchParams: SearchParams }) {
  const actor = await requireAdministrator();
  const mode = await shownMode();
  const asked = await readAddress(searchParams);
  const [all, unmapped, { tiers }] = await Promise.all([
    markets(actor, mode),
    countUnmapped(actor, mode),
    catalogue(),
  ]);
  const imports = await Promise.all(all.map((market) => findImport(actor, market, pageIn(asked))));
  return (
    <>
      <PageHeader
        title="Import"
        breadcrumbs={[{ label: "Plans", href: "/admin/plans" }, { label: "Import" }]}
        description="A price belongs to the plan whose code its metadata, its product’s metadata or its lookup key name. Nothing is changed before you choose, and doing it again changes nothing more."
      />
      <PlanTabs current="import" unmapped={unmapped.all} />
      {imports.map((shown) => (
        <div key={shown.market.gateway} className="grid min-w-0 gap-8">
          <ReadingSection shown={shown} />
          <Proposals shown={shown} tiers={tiers} />
          <LeftAlone shown={shown} />
          <Pages shown={shown} />
        </div>
      ))}
    </>
  );
}

/** Whatever is no number of a page is the first one. */
function pageIn({ page = "" }: Address): number {
  return /^\d{1,5}$/.test(page) ? Number(page) : 1;
}
