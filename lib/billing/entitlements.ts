import { db, sql } from "#db/client.ts";
import { AppError } from "../errors.ts";
import { seatsBought } from "../identity/seats/store.ts";
import { SEATS, unnamed } from "../seats.ts";
import { recomputeNow } from "./clock.ts";

/** What an organization may use now: the answer for the product that embeds Billhook. */
export type Entitlements = {
  organizationId: string;
  tier: { code: string; name: string };
  /** When this answer must be asked again at the latest; null while nothing is due to end. */
  validUntil: Date | null;
  features: Readonly<Record<string, boolean>>;
  /** Null: without limit. A limit that the tier does not name is 0; seats are without limit then. */
  limits: Readonly<Record<string, number | null>>;
};

/**
 * The tier and what it allows. A tier whose validity has ended is recomputed first, so that nobody
 * reads an expired one. Throws `not_found`. Features and limits of any tier are all named: what this
 * tier does not include is `false` or 0; seats that it does not name are any number. Of what is bought by the
 * seat, the seats are those that are bought.
 */
export async function entitlementsOf(organizationId: string): Promise<Entitlements> {
  let row = await read(organizationId);
  if (row.isDue) {
    await db().transaction((tx) => recomputeNow(tx, organizationId, "time"));
    row = await read(organizationId);
  }
  const entries = await sql()<
    { key: string; kind: "feature" | "limit"; included: boolean | null; limit: string | null }[]
  >`
    select known.key, known.kind, own.is_included as included, own.limit_value as limit
    from (
      select key, kind from entitlements
      union select ${SEATS}, 'limit' where exists (select from plans where is_per_seat)
    ) known
    left join entitlements own
      on own.key = known.key and own.kind = known.kind and own.tier_id = ${row.tierId}
    order by known.key`;
  const features: Record<string, boolean> = {};
  const limits: Record<string, number | null> = {};
  for (const { key, kind, included, limit } of entries) {
    if (kind === "feature") features[key] = included === true;
    else if (included === null) limits[key] = unnamed(key).limitValue;
    else if (!included) limits[key] = 0;
    else limits[key] = limit === null ? null : Number(limit);
  }
  const bought = await seatsBought(db(), organizationId);
  if (bought !== undefined) limits[SEATS] = bought;
  return {
    organizationId,
    tier: { code: row.code, name: row.name },
    validUntil: row.validUntil,
    features,
    limits,
  };
}

type Row = { tierId: string; code: string; name: string; validUntil: Date | null; isDue: boolean };

async function read(organizationId: string): Promise<Row> {
  const [row] = await sql()<Row[]>`
    select o.tier_id as "tierId", t.code, t.name, o.tier_valid_until as "validUntil",
      coalesce(o.tier_valid_until <= now(), false) as "isDue"
    from organizations o join tiers t on t.id = o.tier_id
    where o.id = ${organizationId}`;
  if (!row) throw new AppError("not_found", "There is no such organization.");
  return row;
}
