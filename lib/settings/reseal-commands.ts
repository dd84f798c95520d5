import type { Operator } from "../actor.ts";
import { recordDeed } from "../audit/store.ts";
import { config } from "../config.ts";
import { AppError } from "../errors.ts";
import { resealed } from "../sealing.ts";
import { inBatch, SEALED_PLACES, type SealedPlace } from "./sealed-store.ts";

/** What became of the sealed values of one table. */
export type Resealing = {
  readonly table: string;
  readonly resealed: number;
  /** Were sealed with the newest key already. */
  readonly current: number;
  /** No key opens these; the reason names no secret. */
  readonly lost: readonly { readonly row: string; readonly reason: string }[];
};

const BATCH = 100;

/**
 * Seals every sealed value again under the newest master key, so that the older ones can be taken away.
 * All are opened, also those that need nothing, so that what is lost is told while a key may still be
 * found. What no key opens stays as it is. May be run again at any time, and beside a running Billhook.
 */
export async function resealAll(
  actor: Operator,
): Promise<{ key: string; tables: readonly Resealing[] }> {
  const [key] = config().masterKeys.keys();
  if (!key) throw new AppError("not_configured", "BILLHOOK_MASTER_KEYS is not set.");
  const tables: Resealing[] = [];
  for (const place of SEALED_PLACES) tables.push(await resealPlace(place));
  const done = tables.filter((table) => table.resealed > 0);
  if (done.length > 0) {
    const after = Object.fromEntries(done.map((table) => [table.table, table.resealed]));
    await inBatch((tx) => recordDeed(tx, actor, { action: "secrets.reseal", subject: key, after }));
  }
  return { key, tables };
}

async function resealPlace(place: SealedPlace): Promise<Resealing> {
  const lost: { row: string; reason: string }[] = [];
  const sum = { resealed: 0, current: 0 };
  let after: string | undefined = "";
  while (after !== undefined) {
    const from: string = after;
    after = await inBatch(async (tx) => {
      const rows = await place.read(tx, from, BATCH);
      for (const { row, sealed } of rows) {
        const again = attempt(sealed, place.identityOf(row));
        if (again === "current") sum.current += 1;
        else if ("reason" in again) lost.push({ row, reason: again.reason });
        else {
          await place.write(tx, row, again.sealed);
          sum.resealed += 1;
        }
      }
      return rows.at(-1)?.row;
    });
  }
  return { table: place.table, ...sum, lost };
}

function attempt(sealed: Buffer, identity: string) {
  try {
    const again = resealed(sealed, identity);
    return again ? { sealed: again } : ("current" as const);
  } catch (error) {
    if (error instanceof AppError) return { reason: error.message };
    throw error;
  }
}
