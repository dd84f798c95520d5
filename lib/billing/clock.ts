import { db, sql, type Tx } from "#db/client.ts";
import { config } from "../config.ts";
import { log } from "../log.ts";
import { recomputeTier } from "./project.ts";
import { loadState } from "./state-store.ts";
import { findOrganization } from "./store.ts";
import { tierFor } from "./tier-rules.ts";

/** Tiers also change without an event: grace ends, a cancellation takes effect. */

/** Recomputes the tiers whose validity has ended; answers how many were looked at. */
export async function recomputeDue(limit = 100): Promise<number> {
  const due = await sql()<{ id: string }[]>`
    select id from organizations where tier_valid_until <= now() and tier_held_by is null
    order by tier_valid_until limit ${limit}`;
  for (const { id } of due) {
    try {
      await db().transaction((tx) => recomputeNow(tx, id, "time"));
    } catch (error) {
      // One that cannot be recomputed holds up nobody else; it stays due.
      log().error({ err: error, organizationId: id }, "a tier that is due was not recomputed");
    }
  }
  return due.length;
}

/** Recomputes one organization's tier in the caller's transaction, by the clock of now. */
export async function recomputeNow(tx: Tx, organizationId: string, cause: string): Promise<void> {
  const setting = { ...settingNow(), cause, syncId: null };
  const result = await recomputeTier(tx, setting, organizationId);
  for (const { record, before, after } of result?.changes ?? []) {
    log().info({ organizationId, cause }, `${record}: ${before} → ${after}`);
  }
}

/** Why an organization has the tier that it has, as a sentence, from what is held at this moment. */
export async function whyTier(tx: Tx, organizationId: string): Promise<string | undefined> {
  const organization = await findOrganization(tx, organizationId);
  if (!organization) return undefined;
  if (organization.isTierHeld) {
    return "A rebuild is under way: the tier stays as it is until all that it comes from is back.";
  }
  const { state } = await loadState(tx, settingNow(), organization, undefined, undefined);
  const { tierId: heldTierId, tierValidUntil: heldUntil } = organization;
  return tierFor({ ...state, heldTierId, heldUntil }).because;
}

function settingNow() {
  return {
    gateway: "",
    mode: config().mode,
    tierMode: config().mode,
    source: "payload",
    now: new Date(),
    countsForTier: true,
    isMute: false,
    wasAway: false,
  } as const;
}
