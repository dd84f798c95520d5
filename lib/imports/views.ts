import { and, asc, desc, eq, gt, inArray, isNull, lt, sql } from "drizzle-orm";
import { db, listsDb } from "#db/client.ts";
import { customers, importCustomers, imports, organizations } from "#db/schema/index.ts";
import type { Administrator } from "../actor.ts";
import { AppError } from "../errors.ts";
import { type PageRequest, pageOf, pageSize, startOf } from "../keyset.ts";
import type { Reason } from "./rules.ts";
import { awaited, countsOf, type Place } from "./store.ts";
import { reasonInWords } from "./words.ts";

/** The newest import of a connection, with what it came to; counted anew while it is under way. */
export async function newestImport(_actor: Administrator, place: Place) {
  const [row] = await db()
    .select()
    .from(imports)
    .where(and(eq(imports.gateway, place.gateway), eq(imports.mode, place.mode)))
    .orderBy(desc(imports.startedAt), desc(imports.id))
    .limit(1);
  if (!row) return undefined;
  const { askedBy, ...about } = row;
  return {
    ...about,
    by: askedBy.label,
    counts: row.counts ?? (await countsOf(db(), row)),
    awaited: row.finishedAt ? 0 : await awaited(row),
  };
}

export type ImportView = NonNullable<Awaited<ReturnType<typeof newestImport>>>;

const isReason = (text: string | null): text is Reason => text !== null;

/** The customers of an import that are nobody's now, each with the reason. */
export async function listLeft(
  _actor: Administrator,
  { id, gateway, mode }: Pick<ImportView, "id" | "gateway" | "mode">,
  request: PageRequest = {},
) {
  const { from, newer } = startOf(request);
  const here = from === undefined ? undefined : readPlace(from);
  const order = importCustomers.ref;
  const found = await listsDb()
    .select({
      ref: importCustomers.ref,
      claim: importCustomers.claim,
      reason: importCustomers.reason,
      candidates: importCustomers.candidates,
      customerId: customers.id,
      name: customers.name,
      email: customers.email,
      subscriptions: sql<number>`(select count(*)::int from gateway_objects o
        where o.gateway = ${gateway} and o.mode = ${mode} and o.type = 'subscription'
          and o.waiting_for = ${importCustomers.ref})`,
    })
    .from(importCustomers)
    .leftJoin(
      customers,
      and(
        eq(customers.gateway, gateway),
        eq(customers.mode, mode),
        eq(customers.ref, importCustomers.ref),
      ),
    )
    .where(
      and(
        eq(importCustomers.importId, id),
        isNull(customers.organizationId),
        here === undefined ? undefined : newer ? lt(order, here) : gt(order, here),
      ),
    )
    .orderBy(newer ? desc(order) : asc(order))
    .limit(pageSize(request) + 1);
  const names = await namesOf(found.flatMap(({ candidates }) => candidates ?? []));
  const page = pageOf(found, request, ({ ref }) => ref);
  return {
    ...page,
    rows: page.rows.map(({ reason, candidates, ...row }) => ({
      ...row,
      because: reasonInWords(isReason(reason) ? reason : null, {
        email: row.email,
        claim: row.claim,
        candidates: (candidates ?? []).map((each) => names.get(each) ?? each),
      }),
    })),
  };
}

async function namesOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await listsDb()
    .select({ id: organizations.id, name: organizations.name })
    .from(organizations)
    .where(inArray(organizations.id, [...new Set(ids)]));
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** A customer's ref, as the gateway writes it: merchants may have chosen ids of their own. */
function readPlace(text: string): string {
  if (/^[^\p{Cc}]{1,255}$/u.test(text)) return text;
  throw new AppError("invalid_input", "This address does not name a page of the list.");
}
