import type { ApiClient } from "#lib/actor.ts";
import { AppError } from "#lib/errors.ts";
import { makePortalLink } from "#lib/identity/portal-links/commands.ts";
import { productSettings } from "#lib/settings/views.ts";
import { organization } from "./organizations.ts";
import { inSnakeCase, members } from "./words.ts";

/** Makes a link into the portal, and says it in the API's own words. The link is in this answer only. */
export async function createdPortalSession(actor: ApiClient, body: unknown) {
  const asked = members(body);
  if (typeof asked.organization_id !== "string") {
    const sentence = "Name the organization: by Billhook's id, or by your own reference.";
    throw new AppError("invalid_input", sentence, { fields: { organization_id: sentence } });
  }
  const { id: organizationId } = await organization(actor, asked.organization_id);
  const made = await makePortalLink(actor, {
    organizationId,
    memberId: asked.member_id,
    userEmail: asked.user_email,
    returnTo: asked.return_to,
    createMember: asked.create_member,
    role: asked.role,
    name: asked.name,
  }).catch((error: unknown) => {
    throw error instanceof AppError ? inSnakeCase(error) : error;
  });
  // Never the request's own host, which anybody on the way may have written.
  const { publicUrl } = await productSettings();
  return {
    id: made.id,
    url: `${publicUrl}/enter/${made.token}`,
    expires_at: made.expiresAt.toISOString(),
    organization_id: organizationId,
    member: made.member,
  };
}
