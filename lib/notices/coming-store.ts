import { and, eq, gt, isNotNull, isNull, lte, type SQL, sql } from "drizzle-orm";
import { db } from "#db/client.ts";
import { comps, customers, paymentMethods } from "#db/schema/index.ts";
import { config } from "../config.ts";
import { addDays } from "../time.ts";
import { cardsOf, paysForSomething } from "./cards-views.ts";
import { noteNotice } from "./store.ts";

/* What comes by the calendar and that nobody rings for: noted once, however often it is looked for. */

/** How long before its end people hear of a card. */
const CARD_DAYS = 30;
/** How long before its end people hear of what they have free of charge. */
const COMP_DAYS = 7;
const MONTHS = 12;

/**
 * Notes every card that pays for a live subscription and ends within a month: once per card and
 * calendar month. Answers how many are new.
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
  return cardsOf(db()).where(
    and(
      eq(paymentMethods.mode, config().mode),
      isNotNull(customers.organizationId),
      paysForSomething,
      gt(endOfMonth, at(now)),
      lte(endOfMonth, at(addDays(now, CARD_DAYS))),
    ),
  );
}

/** A card is good through its month. Null where it has no end, and then it is in no range. */
const endOfMonth: SQL = sql`case when ${paymentMethods.expYear} between 1970 and 9999
    and ${paymentMethods.expMonth} between 1 and 12
  then make_timestamptz(${paymentMethods.expYear} + ${paymentMethods.expMonth} / 12,
    ${paymentMethods.expMonth} % 12 + 1, 1, 0, 0, 0, 'UTC') end`;

/**
 * Notes every comp that ends within a week, once. One that was given for so short a time was told of
 * with its end already. Answers how many are new.
 */
export async function noteEndingComps(now: Date): Promise<number> {
  const ending = await db()
    .select({ id: comps.id, organizationId: comps.organizationId })
    .from(comps)
    .where(
      and(
        isNull(comps.endedAt),
        gt(comps.endsAt, at(now)),
        lte(comps.endsAt, at(addDays(now, COMP_DAYS))),
        sql`${comps.endsAt} - ${comps.givenAt} > make_interval(days => ${COMP_DAYS})`,
      ),
    );
  let noted = 0;
  for (const { id, organizationId } of ending) {
    const object = `comp:${id}`;
    const isNew = await db().transaction((tx) =>
      noteNotice(tx, { kind: "comp_ending", object, attempt: 0, organizationId }),
    );
    if (isNew) noted += 1;
  }
  return noted;
}

function at(instant: Date): SQL {
  return sql`${instant.toISOString()}::timestamptz`;
}
