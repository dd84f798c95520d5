import { createHash } from "node:crypto";
import { db } from "#db/client.ts";
import {
  customers,
  eventKeys,
  gatewayObjects,
  invoices,
  organizations,
  payments,
  refusedRequests,
  subscriptions,
  syncs,
  tierChanges,
  tiers,
  webhookEvents,
} from "#db/schema/index.ts";
import type { Administrator, Member, Role } from "#lib/actor.ts";
import { newId } from "#lib/ids.ts";

const origin = { ip: "127.0.0.1", userAgent: "test" };

export const administrator: Administrator = {
  kind: "administrator",
  userId: "usr_test",
  label: "Ada",
  origin,
};

export function member(organizationId: string, role: Role = "owner"): Member {
  return { kind: "member", userId: "usr_test", label: "Grace", organizationId, role, origin };
}

/** Rows for what is read, with every default filled: a test names only what it is about. */
export async function organization(row: Partial<typeof organizations.$inferInsert> = {}) {
  const id = row.id ?? newId("org");
  const [made] = await db()
    .insert(organizations)
    .values({ id, name: "Acme", slug: id.slice(4), tierId: "tir_free", ...row })
    .returning();
  return present(made);
}

export async function customer(row: Partial<typeof customers.$inferInsert> = {}) {
  const [made] = await db()
    .insert(customers)
    .values({
      id: newId("cus"),
      gateway: "stripe",
      mode: "test",
      ref: `cus_${random()}`,
      linkSource: row.organizationId ? "administrator" : null,
      linkedAt: row.organizationId ? new Date() : null,
      ...row,
    })
    .returning();
  return present(made);
}

export async function gatewayObject(row: Partial<typeof gatewayObjects.$inferInsert> = {}) {
  const [made] = await db()
    .insert(gatewayObjects)
    .values({
      gateway: "stripe",
      mode: "test",
      type: "subscription",
      ref: `sub_${random()}`,
      ...row,
    })
    .returning();
  return present(made);
}

export async function event(row: Partial<typeof webhookEvents.$inferInsert> = {}, deliveries = 1) {
  const body = Buffer.from(row.body ?? '{"id":"evt"}');
  const [made] = await db()
    .insert(webhookEvents)
    .values({
      id: newId("gev", row.receivedAt ?? undefined),
      gateway: "stripe",
      mode: "test",
      account: "",
      eventRef: `evt_${random()}`,
      type: "customer.subscription.updated",
      headers: { "content-type": "application/json" },
      status: "processed",
      ...row,
      body,
    })
    .returning();
  const stored = present(made);
  await db()
    .insert(eventKeys)
    .values({
      gateway: stored.gateway,
      mode: stored.mode,
      account: stored.account,
      eventRef: stored.eventRef,
      bodyHash: createHash("sha256").update(body).digest(),
      eventId: stored.id,
      receivedAt: stored.receivedAt,
      deliveries,
    });
  return stored;
}

export async function sync(row: Partial<typeof syncs.$inferInsert> & { objectId: number }) {
  const [made] = await db()
    .insert(syncs)
    .values({
      id: newId("syn"),
      cause: "event",
      source: "payload",
      outcome: "changed",
      changes: [],
      versionBefore: 0,
      versionAfter: 1,
      ring: 1,
      durationMs: 3,
      ...row,
    })
    .returning();
  return present(made);
}

export async function refusedRequest(row: Partial<typeof refusedRequests.$inferInsert> = {}) {
  const [made] = await db()
    .insert(refusedRequests)
    .values({
      id: newId("rfd"),
      gateway: "stripe",
      refusal: "signature_mismatch",
      diagnosis: "The signature does not match.",
      headers: {},
      body: Buffer.from("{}"),
      bodySize: 2,
      ...row,
    })
    .returning();
  return present(made);
}

export async function tier(row: Partial<typeof tiers.$inferInsert> = {}) {
  const [made] = await db()
    .insert(tiers)
    .values({ id: newId("tir"), code: "pro", name: "Pro", rank: 10, ...row })
    .returning();
  return present(made);
}

export async function subscription(row: Partial<typeof subscriptions.$inferInsert> = {}) {
  const [made] = await db()
    .insert(subscriptions)
    .values({
      id: newId("sub"),
      gateway: "stripe",
      mode: "test",
      ref: `sub_${random()}`,
      status: "active",
      gatewayStatus: "active",
      items: [],
      ...row,
    })
    .returning();
  return present(made);
}

export async function invoice(row: Partial<typeof invoices.$inferInsert> = {}) {
  const [made] = await db()
    .insert(invoices)
    .values({
      id: newId("ivc"),
      gateway: "stripe",
      mode: "test",
      ref: `in_${random()}`,
      status: "paid",
      currency: "EUR",
      totalMinor: 2900,
      taxMinor: 0,
      amountDueMinor: 2900,
      amountPaidMinor: 2900,
      amountRemainingMinor: 0,
      attemptCount: 1,
      issuedAt: new Date(),
      lines: [],
      ...row,
    })
    .returning();
  return present(made);
}

export async function payment(row: Partial<typeof payments.$inferInsert> = {}) {
  const [made] = await db()
    .insert(payments)
    .values({
      id: newId("pay"),
      gateway: "stripe",
      mode: "test",
      ref: `pi_${random()}`,
      status: "succeeded",
      currency: "EUR",
      amountMinor: 2900,
      refundedMinor: 0,
      isDisputed: false,
      startedAt: new Date(),
      ...row,
    })
    .returning();
  return present(made);
}

export async function tierChange(
  row: Partial<typeof tierChanges.$inferInsert> & { organizationId: string; toTierId: string },
) {
  const [made] = await db()
    .insert(tierChanges)
    .values({
      id: newId("tch"),
      fromTierId: "tir_free",
      because: "Subscription sub_1 is active on Pro.",
      cause: "event",
      ...row,
    })
    .returning();
  return present(made);
}

function random(): string {
  return newId("gev").slice(-14);
}

function present<T>(row: T | undefined): T {
  if (row === undefined) throw new Error("Nothing was inserted.");
  return row;
}
