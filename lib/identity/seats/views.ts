import { db } from "#db/client.ts";
import type { Administrator, Member } from "#lib/actor.ts";
import { AppError } from "#lib/errors.ts";
import { type SeatsThere, seatsInUse, seatsThere } from "./store.ts";

/** How many seats an organization uses, open invitations included, and how many there are. */
export type Seats = SeatsThere & { readonly used: number };

/** Seats of an organization; a member sees those of their own. */
export async function seatsOf(
  actor: Administrator | Member,
  organizationId: string,
): Promise<Seats> {
  if (actor.kind === "member" && actor.organizationId !== organizationId) {
    throw new AppError("not_found", "There is no such organization.");
  }
  const [used, there] = await Promise.all([
    seatsInUse(db(), organizationId),
    seatsThere(db(), organizationId),
  ]);
  return { used, ...there };
}
