import type { ApiClient } from "#lib/actor.ts";
import { type Entitlements, entitlementsOf } from "#lib/billing/entitlements.ts";
import { AppError } from "#lib/errors.ts";
import { createOrganization } from "#lib/identity/commands.ts";
import { findOrganization } from "#lib/identity/views.ts";
import { inSnakeCase, members } from "./words.ts";

/** What the platform API says and takes about organizations, in its own words: snake_case. */

type Found = NonNullable<Awaited<ReturnType<typeof findOrganization>>>;

/**
 * Makes an organization. Asked again with the same reference and name, it answers with the one that is
 * there, so that a caller who never got the answer can safely ask again.
 */
export async function createdOrganization(
  actor: ApiClient,
  body: unknown,
): Promise<{ isNew: boolean; organization: ReturnType<typeof organizationJson> }> {
  const { name, reference, billing_email, owner_email } = members(body);
  const input = { name, reference, billingEmail: billing_email, ownerEmail: owner_email };
  try {
    const made = await createOrganization(actor, input);
    return { isNew: true, organization: organizationJson(await organization(actor, made.id)) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const known = await sameOrganization(actor, error, input);
    if (known) return { isNew: false, organization: organizationJson(known) };
    throw inSnakeCase(error);
  }
}

/** One organization by our id or the product's own reference; throws `not_found`. */
export async function shownOrganization(actor: ApiClient, idOrReference: string) {
  return organizationJson(await organization(actor, idOrReference));
}

/** What an organization may use now; throws `not_found`. */
export async function shownEntitlements(actor: ApiClient, idOrReference: string) {
  const { id, reference } = await organization(actor, idOrReference);
  return entitlementsJson(await entitlementsOf(id), reference);
}

/** The organization that a client means; throws `not_found`. */
export async function organization(actor: ApiClient, idOrReference: string): Promise<Found> {
  const isName = /^[^\p{Cc}]{1,200}$/u.test(idOrReference);
  const found = isName ? await findOrganization(actor, idOrReference) : undefined;
  if (!found) throw new AppError("not_found", "There is no such organization.");
  return found;
}

async function sameOrganization(
  actor: ApiClient,
  refusal: AppError,
  { name, reference }: { name: unknown; reference: unknown },
): Promise<Found | undefined> {
  const isTaken = refusal.code === "conflict" && refusal.fields.reference !== undefined;
  if (!isTaken || typeof name !== "string" || typeof reference !== "string") return undefined;
  const known = await findOrganization(actor, reference.trim());
  return known?.name === name.trim() ? known : undefined;
}

function organizationJson(found: Found) {
  return {
    id: found.id,
    name: found.name,
    slug: found.slug,
    reference: found.reference,
    billing_email: found.billingEmail,
    tier: found.tier,
    created_at: found.createdAt.toISOString(),
  };
}

function entitlementsJson(answer: Entitlements, reference: string | null) {
  return {
    organization_id: answer.organizationId,
    reference,
    tier: answer.tier,
    valid_until: answer.validUntil?.toISOString() ?? null,
    features: answer.features,
    limits: answer.limits,
  };
}
