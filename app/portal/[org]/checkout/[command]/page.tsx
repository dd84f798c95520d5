import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { safeLink } from "#app/_billing/safe-link.ts";
import { requireIdentity, requireMember } from "#app/_server/session.ts";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Card } from "#app/_ui/section.tsx";
import type { Member } from "#lib/actor.ts";
import { type CheckoutView, findCheckout } from "#lib/billing/subscribing/views.ts";
import { lookNow } from "#lib/inbox/commands.ts";
import { OnTheWay } from "../on-the-way.tsx";
import { Outcome } from "./outcome.tsx";

export const metadata: Metadata = { title: "Subscribe" };

type Props = {
  params: Promise<{ org: string; command: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

/**
 * Where people come back to from the gateway's page, whatever they did there. It believes nothing that
 * the address says: it looks at the gateway, and shows what is true.
 */
export default async function CheckoutPage({ params, searchParams }: Props) {
  const { org, command } = await params;
  const actor = await requireMember(org, ["owner", "billing"]);
  const { go, left } = await searchParams;
  const found = await existing(actor, command);
  const { organizations } = await requireIdentity();
  const base = `/portal/${organizations.find(({ id }) => id === actor.organizationId)?.slug}`;
  const url = safeLink(found.page?.url);
  if (go && url && found.progress === "open") return <OnTheWay url={url} />;
  const view = await lookedAt(actor, found);
  return (
    <>
      <PageHeader
        title="Subscribe"
        breadcrumbs={[{ label: "Billing", href: `${base}/billing` }, { label: "Subscribe" }]}
      />
      <Card>
        <Outcome view={view} base={base} url={url} wasLeft={left !== undefined} />
      </Card>
    </>
  );
}

/** Asks the gateway for what is still awaited, so that nobody waits for its word. */
async function lookedAt(actor: Member, view: CheckoutView): Promise<CheckoutView> {
  const { gateway, mode } = view.command;
  let known = view;
  const isSeen = known.checkout?.status === "complete" && known.checkout.subscriptionRef;
  if (known.page && !isSeen && ["open", "arriving"].includes(known.progress)) {
    await lookNow({ gateway, mode, refs: [{ type: "checkout", ref: known.page.ref }] });
    known = await existing(actor, known.command.id);
  }
  const ref = known.checkout?.subscriptionRef;
  if (ref && ["arriving", "paying"].includes(known.progress)) {
    await lookNow({ gateway, mode, refs: [{ type: "subscription", ref }] });
    known = await existing(actor, known.command.id);
  }
  return known;
}

async function existing(actor: Member, commandId: string): Promise<CheckoutView> {
  const { organizationId } = actor;
  const view = await findCheckout(actor, { organizationId, commandId });
  return view ?? notFound();
}
