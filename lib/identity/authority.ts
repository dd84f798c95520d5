import type { Tx } from "#db/client.ts";
import type { Administrator, Member } from "#lib/actor.ts";
import { AppError } from "#lib/errors.ts";
import { roleOf } from "./store.ts";

/** What is not theirs does not exist for them; what is theirs may still not be theirs to change. */
export function requireOwner(
  actor: Administrator | Member,
  organizationId: string,
  alsoAllowed = false,
): void {
  if (actor.kind === "administrator") return;
  if (actor.organizationId !== organizationId) {
    throw new AppError("not_found", "There is no such organization.");
  }
  if (actor.role !== "owner" && !alsoAllowed) {
    throw new AppError("not_allowed", "Only an owner may change this. Ask one of them.");
  }
}

/** Under the lock, the actor's own role counts as it is now: two owners cannot demote each other. */
export async function requireStillOwner(
  tx: Tx,
  actor: Administrator | Member,
  organizationId: string,
): Promise<void> {
  if (actor.kind === "administrator") return;
  if ((await roleOf(tx, organizationId, actor.userId)) !== "owner") {
    throw new AppError("not_allowed", "You are no longer an owner of this organization.");
  }
}
