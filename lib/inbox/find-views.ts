import { eq, or } from "drizzle-orm";
import { db } from "#db/client.ts";
import {
  customers,
  invoices,
  payments,
  subscriptions,
  syncs,
  webhookEvents,
} from "#db/schema/index.ts";
import type { Administrator } from "../actor.ts";
import { listOrganizations } from "../billing/admin-views.ts";
import { timeOfId } from "../ids.ts";
import { findEvent } from "./event-views.ts";
import { findRefused } from "./refused-views.ts";
import { objectsCalled } from "./search-views.ts";

/** One thing that a typed text names, for the page that lists or opens it. */
export type Hit = {
  readonly kind: "organization" | "event" | "refused" | "customer" | "object";
  readonly id: string;
  readonly title: string;
  readonly detail: string;
};

const HITS_MAX = 20;

/** Whatever has this id, theirs or ours, name or e-mail address. Ids are exact; names may be parts. */
export async function findAnything(actor: Administrator, typed: string): Promise<Hit[]> {
  const text = typed.trim().slice(0, 255);
  if (!text) return [];
  const hits = timeOfId(text) ? await byOurId(actor, text) : [];
  if (hits.length > 0) return hits;
  const found = await Promise.all([
    organizationHits(actor, text),
    customerHits(text),
    objectHits(text),
    eventHits(text),
  ]);
  return found.flat().slice(0, HITS_MAX);
}

async function byOurId(actor: Administrator, id: string): Promise<Hit[]> {
  switch (id.slice(0, 3)) {
    case "gev": {
      const event = await findEvent(actor, id);
      return event ? [{ kind: "event", id, title: event.type, detail: event.eventRef }] : [];
    }
    case "rfd": {
      const refused = await findRefused(actor, id);
      return refused ? [{ kind: "refused", id, title: "Refused request", detail: id }] : [];
    }
    case "syn": {
      const [sync] = await db().select({ id: syncs.objectId }).from(syncs).where(eq(syncs.id, id));
      return sync ? [{ kind: "object", id: String(sync.id), title: "Sync", detail: id }] : [];
    }
    case "cus": {
      const [found] = await db().select().from(customers).where(eq(customers.id, id));
      return found ? [{ kind: "customer", id, title: found.ref, detail: found.email ?? "" }] : [];
    }
    case "sub":
    case "ivc":
    case "pay":
      return objectHits(await refOfRecord(id));
    default:
      return [];
  }
}

/** The gateway's name for a record of ours, whose object has the page. */
async function refOfRecord(id: string): Promise<string> {
  const table = { sub: subscriptions, ivc: invoices, pay: payments }[id.slice(0, 3)];
  if (!table) return "";
  const [found] = await db().select({ ref: table.ref }).from(table).where(eq(table.id, id));
  return found?.ref ?? "";
}

async function organizationHits(actor: Administrator, text: string): Promise<Hit[]> {
  const [named, ofPerson] = await Promise.all([
    listOrganizations(actor, { search: text }, { limit: HITS_MAX }),
    text.includes("@")
      ? listOrganizations(actor, { member: text }, { limit: HITS_MAX })
      : undefined,
  ]);
  const rows = new Map([...named.rows, ...(ofPerson?.rows ?? [])].map((row) => [row.id, row]));
  return [...rows.values()].map((row) => ({
    kind: "organization",
    id: row.id,
    title: row.name,
    detail: row.tier,
  }));
}

async function customerHits(text: string): Promise<Hit[]> {
  const found = await db()
    .select({ id: customers.id, ref: customers.ref, email: customers.email, mode: customers.mode })
    .from(customers)
    .where(or(eq(customers.ref, text), eq(customers.email, text)))
    .limit(HITS_MAX);
  return found.map((row) => ({
    kind: "customer",
    id: row.id,
    title: row.ref,
    detail: [row.email, row.mode].filter(Boolean).join(" · "),
  }));
}

async function objectHits(ref: string): Promise<Hit[]> {
  if (!ref) return [];
  const found = await objectsCalled(ref);
  return found
    .filter((object) => object.type !== "customer")
    .map((object) => ({
      kind: "object",
      id: String(object.id),
      title: object.ref,
      detail: `${object.type} · ${object.mode}`,
    }));
}

async function eventHits(ref: string): Promise<Hit[]> {
  const found = await db()
    .select({ id: webhookEvents.id, type: webhookEvents.type, mode: webhookEvents.mode })
    .from(webhookEvents)
    .where(eq(webhookEvents.eventRef, ref))
    .limit(HITS_MAX);
  return found.map((row) => ({
    kind: "event",
    id: row.id,
    title: row.type,
    detail: `${ref} · ${row.mode}`,
  }));
}
