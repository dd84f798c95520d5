import { requireMember } from "#app/_server/session.ts";
import { findStanding } from "#lib/billing/subscribing/views.ts";
import { config } from "#lib/config.ts";
import type { Identity } from "#lib/identity/people/views.ts";

/** How whoever looks at the prices comes to a plan. */
export type Way =
  /** Nobody is known, or there are several organizations: who it is for is asked next. */
  | { readonly kind: "ask" }
  | { readonly kind: "subscribe"; readonly base: string }
  /** They have a plan; null where it is in none of ours. */
  | { readonly kind: "change"; readonly base: string; readonly planId: string | null }
  /** They may not buy, or have nothing to buy it for. */
  | { readonly kind: "none" };

export async function wayToBuy(user: Identity | undefined): Promise<Way> {
  if (!user) return { kind: "ask" };
  const buying = user.organizations.filter(({ role }) => role !== "member");
  const [only, ...others] = buying;
  if (!only) return { kind: "none" };
  if (others.length > 0 || user.organizations.length > 1) return { kind: "ask" };
  const actor = await requireMember(only.id);
  const { standing } = await findStanding(actor, {
    organizationId: only.id,
    mode: config().mode,
  });
  const base = `/portal/${only.slug}`;
  if (standing.kind !== "subscribed") return { kind: "subscribe", base };
  return { kind: "change", base, planId: standing.held.planId };
}
