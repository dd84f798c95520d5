import { z } from "zod";
import { db, type Tx } from "#db/client.ts";
import type { Administrator } from "../actor.ts";
import { recordDeed } from "../audit/store.ts";
import { mapPriceTo } from "../catalogue/store.ts";
import { AppError } from "../errors.ts";
import type { Mode, ObjectRef } from "../gateways/gateway.ts";
import { checked, line } from "../input.ts";
import { isBeingRebuilt } from "../rings/rebuild-store.ts";
import { ring, ringWaiting } from "../rings/store.ts";
import { recomputeNow } from "./clock.ts";
import {
  dismissConflictRow,
  linkTo,
  lockCustomerRow,
  organizationName,
  planName,
  soldBy,
  unlinkRows,
} from "./links-store.ts";
import { lockOrganization } from "./store.ts";

const id = z.string().min(1).max(64);
const linkInput = z.object({ customerId: id, organizationId: id });
const unlinkInput = z.object({ customerId: id, reason: line("a reason", 500) });
const mapInput = z.object({
  gateway: z.string().min(1).max(32),
  mode: z.enum(["test", "live"]),
  priceRef: z.string().min(1).max(255),
  planId: id.nullable(),
  /** The plan that it was in when somebody chose this one. */
  seenPlanId: id.nullable().optional(),
});

/** Objects of one gateway in one mode that a command touched: the caller may ask to sync them now. */
export type Touched = { gateway: string; mode: Mode; refs: ObjectRef[] };

/** Says whose a customer is. What waited for it is processed by itself from then on. */
export async function linkCustomer(
  actor: Administrator,
  input: { customerId: string; organizationId: string },
): Promise<void> {
  const { customerId, organizationId } = checked(linkInput, input);
  await db().transaction(async (tx) => {
    const customer = await lockedCustomer(tx, customerId);
    const name = await organizationName(tx, organizationId);
    if (!name) throw new AppError("not_found", "There is no such organization.");
    if (customer.organizationId === organizationId) return;
    if (customer.organizationId) {
      throw new AppError(
        "conflict",
        `${customer.ref} belongs to another organization. Unlink it there first.`,
      );
    }
    await linkTo(tx, customerId, organizationId, "administrator");
    await recordDeed(tx, actor, {
      action: "customer.link",
      subject: customer.ref,
      organizationId,
      after: { organization: name },
    });
    await ringWaiting(tx, customer, [customer.ref]);
  });
}

/** Takes a customer from its organization, with all that was billed to it; the tier follows at once. */
export async function unlinkCustomer(
  actor: Administrator,
  input: { customerId: string; reason: string },
): Promise<void> {
  const { customerId, reason } = checked(unlinkInput, input);
  await db().transaction(async (tx) => {
    const customer = await lockedCustomer(tx, customerId);
    const { organizationId } = customer;
    if (!organizationId) return;
    if (await isBeingRebuilt(tx, customer)) {
      throw new AppError(
        "conflict",
        "This connection is being rebuilt: not all that was billed to the customer is there. Unlink it afterwards.",
      );
    }
    const name = await organizationName(tx, organizationId);
    // Before the work, as in every sync.
    await lockOrganization(tx, organizationId);
    const refs = await unlinkRows(tx, customer);
    await recomputeNow(tx, organizationId, "unlink");
    await recordDeed(tx, actor, {
      action: "customer.unlink",
      subject: customer.ref,
      organizationId,
      before: { organization: name },
      reason,
    });
    // They sync once more to find that they wait now.
    await ring(tx, customer, refs, { cause: "unlink", evenIfKnown: true });
  });
}

/** Puts a gateway's price into a plan, or takes it out. Every organization that it touches follows. */
export async function mapPrice(
  actor: Administrator,
  input: z.input<typeof mapInput>,
): Promise<{ organizations: number; touched: Touched }> {
  const { gateway, mode, priceRef, planId, seenPlanId } = checked(mapInput, input);
  return db().transaction(async (tx) => {
    if (planId && !(await planName(tx, planId))) {
      throw new AppError("not_found", "There is no such plan.");
    }
    const before = await mapPriceTo(tx, { gateway, mode, ref: priceRef, planId });
    if (!before) throw new AppError("not_found", `${priceRef} was never seen in ${mode} mode.`);
    if (seenPlanId !== undefined && ![seenPlanId, planId].includes(before.planId)) {
      const there = before.planId && (await planName(tx, before.planId));
      throw new AppError(
        "conflict",
        `Somebody ${there ? `put it into ${there}` : "took it out of its plan"} since you opened this page, so nothing was saved. Open the page again to change that.`,
      );
    }
    const { refs, organizations } = await soldBy(tx, { gateway, mode }, [priceRef]);
    await recordDeed(tx, actor, {
      action: "price.map",
      subject: priceRef,
      before,
      after: { planId },
    });
    await ring(tx, { gateway, mode }, refs, { cause: "mapping", evenIfKnown: true });
    return { organizations, touched: { gateway, mode, refs } };
  });
}

/** Puts a noted contradiction away, after somebody looked at it. */
export async function dismissConflict(
  actor: Administrator,
  input: { conflictId: string },
): Promise<void> {
  const conflictId = checked(id, input.conflictId);
  await db().transaction(async (tx) => {
    if (!(await dismissConflictRow(tx, conflictId))) {
      throw new AppError("not_found", "There is no such open conflict.");
    }
    await recordDeed(tx, actor, { action: "link_conflict.dismiss", subject: conflictId });
  });
}

async function lockedCustomer(tx: Tx, customerId: string) {
  const customer = await lockCustomerRow(tx, customerId);
  if (!customer) throw new AppError("not_found", "There is no such customer.");
  return customer;
}
