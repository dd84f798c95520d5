import { notFound } from "next/navigation";
import { shownMode } from "#app/_server/mode.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { findOrganizationDetail } from "#lib/billing/admin-views.ts";
import { findBilling } from "#lib/billing/views.ts";

/** The organization that a page below its own is about, with what it has in the mode that is shown. */
export async function organizationNamed(params: Promise<{ id: string }>) {
  const actor = await requireAdministrator();
  const mode = await shownMode();
  const found = await findOrganizationDetail(actor, (await params).id);
  const billing = found && (await findBilling({ actor, organizationId: found.id }, mode));
  if (!billing) notFound();
  const { id: organizationId, name } = billing.organization;
  const base = `/admin/organizations/${organizationId}`;
  return {
    actor,
    mode,
    organizationId,
    name,
    base,
    billing,
    live: billing.subscriptions.filter(({ status }) => status !== "canceled"),
    breadcrumbs: [
      { label: "Organizations", href: "/admin/organizations" },
      { label: name, href: base },
    ],
  };
}
