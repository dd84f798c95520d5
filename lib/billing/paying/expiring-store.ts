import { and, eq, gt, isNotNull, lte, ne, or, type SQL, sql } from "drizzle-orm";
import { db } from "#db/client.ts";
import { customers, paymentMethods, subscriptions } from "#db/schema/index.ts";
import { config } from "../../config.ts";
import { noteNotice } from "../../notices/store.ts";
import { addDays } from "../../time.ts";

/** How long before its end people hear of a card. */
const DAYS_BEFORE = 30;
const MONTHS = 12;

/**
 * Notes every card that pays for a live subscription and ends within a month: once per card and
 * calendar month, however often this runs. Answers how many are new.
 */
export async function noteExpiringCards(now: Date): Promise<number> {
  let noted = 0;
  for (const card of await expiringCards(now)) {
    const { organizationId } = card;
    if (!organizationId) continue;
    const isNew = await db().transaction((tx) =>
      noteNotice(tx, {
        kind: "card_expiring",
        object: `${card.gateway}:${card.mode}:${card.ref}`,
        attempt: now.getUTCFullYear() * MONTHS + now.getUTCMonth(),
        organizationId,
      }),
    );
    if (isNew) noted += 1;
  }
  return noted;
}

/** Only of the mode that the deployment runs in: nobody gets a mail about what is only a test. */
function expiringCards(now: Date) {
  const t = paymentMethods;
  return db()
    .selectDistinct({
      gateway: t.gateway,
      mode: t.mode,
      ref: t.ref,
      organizationId: customers.organizationId,
    })
    .from(t)
    .innerJoin(
      customers,
      and(
        eq(customers.gateway, t.gateway),
        eq(customers.mode, t.mode),
        eq(customers.ref, t.customerRef),
      ),
    )
    .innerJoin(
      subscriptions,
      and(
        eq(subscriptions.gateway, t.gateway),
        eq(subscriptions.mode, t.mode),
        eq(subscriptions.customerRef, t.customerRef),
        ne(subscriptions.status, "canceled"),
      ),
    )
    .where(
      and(
        eq(t.mode, config().mode),
        isNotNull(customers.organizationId),
        or(
          eq(subscriptions.methodRef, t.ref),
          sql`${subscriptions.methodRef} is null and ${t.isDefault}`,
        ),
        gt(endOfMonth, sql`${now.toISOString()}::timestamptz`),
        lte(endOfMonth, sql`${addDays(now, DAYS_BEFORE).toISOString()}::timestamptz`),
      ),
    );
}

/** A card is good through its month. Null where it has no end, and then it is in no range. */
const endOfMonth: SQL = sql`case when ${paymentMethods.expYear} between 1970 and 9999
    and ${paymentMethods.expMonth} between 1 and 12
  then make_timestamptz(${paymentMethods.expYear} + ${paymentMethods.expMonth} / 12,
    ${paymentMethods.expMonth} % 12 + 1, 1, 0, 0, 0, 'UTC') end`;
