import { fieldsOf } from "#app/_server/attempt.ts";
import { requireMembership } from "#app/_server/session.ts";
import type { Member } from "#lib/actor.ts";

/** Somebody who may ask the gateway for something, the form that they sent, and where their pages are. */
export type Asked = {
  readonly actor: Member;
  readonly fields: Record<string, string>;
  readonly base: string;
};

/**
 * Who sent a form. The organization comes from the page's own form, and counts only if the person is its
 * owner or does its billing; for everybody else there is no such page.
 */
export async function askerOf(data: FormData): Promise<Asked> {
  const fields = fieldsOf(data);
  const { actor, slug } = await requireMembership(fields.organizationId ?? "", [
    "owner",
    "billing",
  ]);
  return { actor, fields, base: `/portal/${slug}` };
}
