import type { Administrator, Member } from "../../actor.ts";
import { config } from "../../config.ts";
import { AppError } from "../../errors.ts";
import type { Mode } from "../../gateways/gateway.ts";
import { prose, refusedField } from "../../input.ts";

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

/**
 * In which mode somebody asks. What an organization has in the other one is nothing that its own people know
 * of: it was tried out. Administrators may look at either, and ask for what they see.
 */
export function modeFor(actor: Asker): Mode | undefined {
  return actor.kind === "member" ? config().mode : undefined;
}

/** Why an administrator does something, in their own words. */
export const why = prose(500).min(1, "Say why.");

/** Why somebody asks: administrators always say, members need not. */
export function reasonOf(actor: Asker, said: string): string | null {
  if (actor.kind !== "administrator") return null;
  if (!said) throw refusedField("reason", "Say why.");
  return said;
}

/** A page may hold a member where it should hold an administrator: types end at the network. */
export function onlyAdministrators(actor: Asker): void {
  if (actor.kind === "administrator") return;
  throw new AppError("not_allowed", "Only administrators may do this.");
}
