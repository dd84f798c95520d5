import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Outcome as Asked } from "#app/_billing/outcome.tsx";
import { safeLink } from "#app/_billing/safe-link.ts";
import { requireIdentity, requireMember } from "#app/_server/session.ts";
import { Banner } from "#app/_ui/banner.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Card } from "#app/_ui/section.tsx";
import type { Member } from "#lib/actor.ts";
import { outcomeOf } from "#lib/billing/changing/views.ts";
import { findOrder, type OrderView } from "#lib/billing/ordering/views.ts";
import { lookNow } from "#lib/inbox/commands.ts";
import { OnTheWay } from "../../checkout/on-the-way.tsx";
import { OrderState } from "../../shop/order-table.tsx";
import { Details } from "./details.tsx";
import { Outcome } from "./outcome.tsx";

export const metadata: Metadata = { title: "Order" };

type Props = {
  params: Promise<{ org: string; id: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

/**
 * One order and what became of it; where people come back to from the gateway's page. It believes nothing
 * that the address says: while it is pending it looks at the gateway, and shows what is true.
 */
export default async function OrderPage({ params, searchParams }: Props) {
  const { org, id } = await params;
  const actor = await requireMember(org, ["owner", "billing"]);
  const { go, left, command, over } = await searchParams;
  const found = await existing(actor, id);
  const { organizations } = await requireIdentity();
  const base = `/portal/${organizations.find((each) => each.id === actor.organizationId)?.slug}`;
  const url = safeLink(found.pageUrl);
  if (go && url && isOpen(found)) return <OnTheWay url={url} />;
  const order = await lookedAt(actor, found);
  const asked = await askedBefore(actor, command);
  return (
    <>
      <PageHeader
        title={order.productName}
        status={<OrderState row={order} />}
        breadcrumbs={[{ label: "Shop", href: `${base}/shop` }, { label: order.productName }]}
      />
      {asked && <Asked command={asked} page={`${base}/orders/${order.id}`} />}
      {over && order.completedAt && (
        <Banner tone="info" title="It was paid for before it could be given up" />
      )}
      <Card>
        <Outcome
          order={order}
          base={base}
          url={isOpen(order) ? url : undefined}
          wasLeft={left !== undefined}
        />
      </Card>
      <Details order={order} base={base} />
    </>
  );
}

/** What somebody asked about it, for who comes back from asking. */
async function askedBefore(actor: Member, commandId: string | string[] | undefined) {
  const { organizationId } = actor;
  if (typeof commandId !== "string") return undefined;
  return outcomeOf(actor, { organizationId, commandId });
}

function isOpen({ state, page }: OrderView): boolean {
  return state === "pending" && page === "open";
}

/** Asks the gateway for what is still awaited, so that nobody waits for its word. */
async function lookedAt(actor: Member, order: OrderView): Promise<OrderView> {
  const { gateway, mode, checkoutRef, state, id } = order;
  if (state !== "pending" || !checkoutRef) return order;
  await lookNow({ gateway, mode, refs: [{ type: "checkout", ref: checkoutRef }] });
  return existing(actor, id);
}

async function existing(actor: Member, orderId: string): Promise<OrderView> {
  const { organizationId } = actor;
  const order = await findOrder(actor, { organizationId, orderId });
  return order ?? notFound();
}
