import { and, desc, eq, gt, ilike, inArray, lt, or, type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { db, listsDb } from "#db/client.ts";
import {
  customers,
  members,
  organizations,
  payments,
  plans,
  subscriptions,
  tiers,
  users,
} from "#db/schema/index.ts";
import type { Administrator } from "../actor.ts";
import type { Mode, PaymentStatus, SubscriptionStatus } from "../gateways/gateway.ts";
import { type PageRequest, pageOf, pageSize, readIdPosition, startOf } from "../keyset.ts";

const LIST_MAX = 100;

/** Organizations by name; `search` looks in names, slugs, references, ids and billing addresses. */
export async function listOrganizations(
  _actor: Administrator,
  filter: {
    search?: string | undefined;
    tierId?: string | undefined;
    /** The e-mail address of somebody who belongs to it. */
    member?: string | undefined;
  } = {},
  request: PageRequest = {},
) {
  const { from, newer: backwards } = startOf(request);
  const key = sql`(lower(${organizations.name}), ${organizations.id})`;
  const here = from
    ? sql`(select lower(name), id from organizations where id = ${readIdPosition(from)})`
    : undefined;
  const rows = await listsDb()
    .select({
      id: organizations.id,
      name: organizations.name,
      slug: organizations.slug,
      reference: organizations.reference,
      billingEmail: organizations.billingEmail,
      createdAt: organizations.createdAt,
      tier: tiers.name,
      tierSince: organizations.tierSince,
      tierValidUntil: organizations.tierValidUntil,
    })
    .from(organizations)
    .innerJoin(tiers, eq(tiers.id, organizations.tierId))
    .where(
      and(
        filter.search ? named(filter.search.trim()) : undefined,
        filter.tierId ? eq(organizations.tierId, filter.tierId) : undefined,
        filter.member ? hasMember(filter.member) : undefined,
        here && (backwards ? sql`${key} < ${here}` : sql`${key} > ${here}`),
      ),
    )
    .orderBy(
      backwards
        ? sql`lower(${organizations.name}) desc, ${organizations.id} desc`
        : sql`lower(${organizations.name}), ${organizations.id}`,
    )
    .limit(pageSize(request) + 1);
  return pageOf(rows, request, (row) => row.id);
}

function hasMember(email: string): SQL {
  const own = listsDb()
    .select({ id: members.organizationId })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(sql`lower(${users.email}) = lower(${email.trim()})`);
  return inArray(organizations.id, own);
}

function named(search: string): SQL | undefined {
  const within = `%${search.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
  return or(
    ilike(organizations.name, within),
    ilike(organizations.slug, within),
    ilike(organizations.billingEmail, within),
    eq(organizations.reference, search),
    eq(organizations.id, search),
  );
}

/** The organization that somebody means by an id, a slug, a reference or its whole name. */
export async function organizationCalled(_actor: Administrator, typed: string) {
  const text = typed.trim().slice(0, 200);
  const [found] = await db()
    .select({ id: organizations.id, name: organizations.name })
    .from(organizations)
    .where(
      or(
        eq(organizations.id, text),
        eq(organizations.slug, text),
        eq(organizations.reference, text),
        sql`lower(${organizations.name}) = lower(${text})`,
      ),
    )
    .limit(1);
  return found;
}

/** An organization as an administrator knows it: who it is, who belongs to it, which customers it is. */
export async function findOrganizationDetail(_actor: Administrator, idOrSlug: string) {
  const [organization] = await db()
    .select({
      id: organizations.id,
      name: organizations.name,
      slug: organizations.slug,
      reference: organizations.reference,
      billingEmail: organizations.billingEmail,
      createdAt: organizations.createdAt,
    })
    .from(organizations)
    .where(or(eq(organizations.id, idOrSlug), eq(organizations.slug, idOrSlug)));
  if (!organization) return undefined;
  const [people, linked] = await Promise.all([
    db()
      .select({ id: users.id, name: users.name, email: users.email, role: members.role })
      .from(members)
      .innerJoin(users, eq(users.id, members.userId))
      .where(eq(members.organizationId, organization.id))
      .orderBy(members.createdAt)
      .limit(LIST_MAX),
    db()
      .select()
      .from(customers)
      .where(eq(customers.organizationId, organization.id))
      .orderBy(desc(customers.linkedAt))
      .limit(LIST_MAX),
  ]);
  return { ...organization, members: people, customers: linked };
}

type Shown = { mode: Mode; organizationId?: string | undefined };

/** Subscriptions, the last seen first. */
export async function listSubscriptions(
  _actor: Administrator,
  filter: Shown & { status?: SubscriptionStatus | undefined; planId?: string | undefined },
  request: PageRequest = {},
) {
  const t = subscriptions;
  const rows = await listsDb()
    .select({
      id: t.id,
      gateway: t.gateway,
      mode: t.mode,
      ref: t.ref,
      status: t.status,
      customerRef: t.customerRef,
      priceRef: t.priceRef,
      quantity: t.quantity,
      periodEnd: t.periodEnd,
      cancelAt: t.cancelAt,
      startedAt: t.startedAt,
      endedAt: t.endedAt,
      plan: { id: plans.id, name: plans.name },
      organization: { id: organizations.id, name: organizations.name },
    })
    .from(t)
    .leftJoin(plans, eq(plans.id, t.planId))
    .leftJoin(organizations, eq(organizations.id, t.organizationId))
    .where(
      and(
        eq(t.mode, filter.mode),
        filter.organizationId ? eq(t.organizationId, filter.organizationId) : undefined,
        filter.status ? eq(t.status, filter.status) : undefined,
        filter.planId === "none" ? sql`${t.planId} is null` : undefined,
        filter.planId && filter.planId !== "none" ? eq(t.planId, filter.planId) : undefined,
        beyond(t.id, request),
      ),
    )
    .orderBy(lastMade(t.id, request))
    .limit(pageSize(request) + 1);
  return pageOf(rows, request, (row) => row.id);
}

/** Payments, the last seen first. */
export async function listPayments(
  _actor: Administrator,
  filter: Shown & { status?: PaymentStatus | undefined },
  request: PageRequest = {},
) {
  const t = payments;
  const rows = await listsDb()
    .select({ payment: t, organization: { id: organizations.id, name: organizations.name } })
    .from(t)
    .leftJoin(organizations, eq(organizations.id, t.organizationId))
    .where(
      and(
        eq(t.mode, filter.mode),
        filter.organizationId ? eq(t.organizationId, filter.organizationId) : undefined,
        filter.status ? eq(t.status, filter.status) : undefined,
        beyond(t.id, request),
      ),
    )
    .orderBy(lastMade(t.id, request))
    .limit(pageSize(request) + 1);
  const page = pageOf(rows, request, (row) => row.payment.id);
  return {
    ...page,
    rows: page.rows.map(({ payment, organization }) => ({ ...payment, organization })),
  };
}

/** Ids sort by their making, so the primary key is the order. */
function beyond(id: PgColumn, request: PageRequest): SQL | undefined {
  const { from, newer } = startOf(request);
  if (!from) return undefined;
  return newer ? gt(id, readIdPosition(from)) : lt(id, readIdPosition(from));
}

function lastMade(id: PgColumn, request: PageRequest): SQL {
  return startOf(request).newer ? sql`${id} asc` : sql`${id} desc`;
}
