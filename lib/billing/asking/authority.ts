import type { Administrator, Member } from "../../actor.ts";
import { AppError } from "../../errors.ts";

/** Who may ask a gateway for something in an organization's name. */
export type Asker = Administrator | Member;

/**
 * Whose organization a command is about. A member has only their own, and must be its owner or do its
 * billing; an administrator names one.
 */
export function askedFor(actor: Asker, organizationId: string): string {
  if (actor.kind === "administrator") return organizationId;
  if (actor.organizationId !== organizationId) {
    throw new AppError("not_found", "There is no such organization.");
  }
  if (actor.role === "member") {
    throw new AppError(
      "not_allowed",
      "Only owners and billing members may change this. Ask one of them.",
    );
  }
  return organizationId;
}
