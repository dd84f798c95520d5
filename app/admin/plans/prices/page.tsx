import { Tag } from "lucide-react";
import type { Metadata } from "next";
import { shownMode } from "#app/_server/mode.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { Badge } from "#app/_ui/badge.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { Id } from "#app/_ui/id.tsx";
import { Money } from "#app/_ui/money.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Section } from "#app/_ui/section.tsx";
import { Table } from "#app/_ui/table.tsx";
import {
  catalogue,
  countUnmapped,
  type GatewayPriceView,
  gatewayPriceList,
} from "#lib/catalogue/views.ts";
import { PlanTabs } from "../_parts/frame.tsx";
import { PricePlan } from "./price-plan.tsx";

export const metadata: Metadata = { title: "Gateway prices" };

/** The gateways' prices and the plan that each one sells; those in no plan first. */
export default async function GatewayPricesPage() {
  const actor = await requireAdministrator();
  const mode = await shownMode();
  const [{ rows, more }, { plans }, unmapped] = await Promise.all([
    gatewayPriceList(actor, mode),
    catalogue(),
    countUnmapped(actor, mode),
  ]);
  const options = plans.map(({ id, name, archivedAt }) => ({
    value: id,
    label: archivedAt ? `${name} (archived)` : name,
  }));
  return (
    <>
      <PageHeader
        title="Gateway prices"
        breadcrumbs={[{ label: "Plans", href: "/admin/plans" }, { label: "Gateway prices" }]}
        description="Whoever subscribes to a price gets the plan that it is in. A price in no plan leaves tiers as they are."
      />
      <PlanTabs current="prices" unmapped={unmapped.all} />
      <Section
        title={mode === "test" ? "Test mode" : "Live mode"}
        description={
          more ? "The first 200 are shown: those in no plan, most used first." : undefined
        }
        flush
      >
        <Table
          caption={`Gateway prices of ${mode} mode`}
          rows={rows}
          rowKey={(price) => `${price.gateway} ${price.ref}`}
          columns={[
            { key: "name", header: "Price", cell: (price) => <Name price={price} /> },
            { key: "amount", header: "Amount", align: "right", cell: amount },
            {
              key: "used",
              header: "Subscriptions",
              align: "right",
              cell: (price) => price.subscriptions.toLocaleString("en"),
            },
            {
              key: "plan",
              header: "Plan",
              cell: (price) => (
                <PricePlan
                  price={{
                    gateway: price.gateway,
                    mode: price.mode,
                    ref: price.ref,
                    planId: price.planId,
                  }}
                  suggestion={price.suggestion}
                  plans={options}
                />
              ),
            },
          ]}
          empty={
            <Empty title={`No ${mode} price was seen yet`} icon={<Tag />}>
              A price appears here when the gateway tells about it, or when a subscription uses it.
              Change anything on a price in the gateway to have it told.
            </Empty>
          }
        />
      </Section>
    </>
  );
}

function Name({ price }: { price: GatewayPriceView }) {
  const called = [price.productName, price.nickname].filter(Boolean).join(" · ");
  return (
    <div className="grid min-w-0 gap-1">
      <span className="flex flex-wrap items-center gap-2">
        {called || "Nothing told about it yet"}
        {!price.planId && <Badge tone="amber">In no plan</Badge>}
        {price.deletedAt && <Badge>Deleted</Badge>}
        {!price.deletedAt && price.isActive === false && <Badge>Not on sale</Badge>}
      </span>
      <span className="font-normal">
        <Id value={price.ref} />
      </span>
    </div>
  );
}

function amount({ amountMinor, currency, interval, intervalCount }: GatewayPriceView) {
  const period =
    interval && ((intervalCount ?? 1) > 1 ? `${intervalCount} ${interval}s` : interval);
  if (!currency) return <span className="text-muted">—</span>;
  return (
    <span className="tabular-nums">
      {amountMinor === null ? `${currency}, by use` : <Money {...{ amountMinor, currency }} />}
      {period && <span className="text-muted"> / {period}</span>}
    </span>
  );
}
