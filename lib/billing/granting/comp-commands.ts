import { z } from "zod";
import { db, type Tx } from "#db/client.ts";
import type { Administrator } from "../../actor.ts";
import { recordDeed } from "../../audit/store.ts";
import { AppError } from "../../errors.ts";
import { newId } from "../../ids.ts";
import { checked, id, refusedField } from "../../input.ts";
import { noteNotice } from "../../notices/store.ts";
import { changedMeanwhile } from "../asking/ask.ts";
import { onlyAdministrators, why } from "../asking/authority.ts";
import { intentionOf } from "../asking/intention.ts";
import { recomputeNow } from "../clock.ts";
import type { Organization } from "../state.ts";
import { lockOrganization } from "../store.ts";
import { isGiven } from "../tier-rules.ts";
import {
  type CompRow,
  compOfIntention,
  endComps,
  findComp,
  findGiven,
  insertComp,
  lastComp,
  seenComps,
} from "./comp-store.ts";
import { compEndFault, compInWords, isOpen, lastMomentOf } from "./rules.ts";

const giveInput = z.object({
  organizationId: id,
  /** A plan, or a tier. */
  given: z.string().max(64),
  /** The last day, as 2026-12-03. */
  until: z.string().max(10),
  reason: why,
  revision: z.string().max(64),
});

/** What came of it, for the person who did it. */
export type Granted = { readonly comp: CompRow; readonly sentence: string };

/**
 * Gives an organization a plan or a tier free of charge until a day. Takes the place of what is given
 * now. The same wish twice is granted once; nothing at any gateway changes.
 */
export async function giveComp(
  actor: Administrator,
  input: z.input<typeof giveInput>,
): Promise<Granted> {
  const { organizationId, given: wanted, until, reason, revision } = checked(giveInput, input);
  onlyAdministrators(actor);
  const endsAt = lastMomentOf(until);
  if (!endsAt) throw refusedField("until", "Choose a day.");
  const intention = intentionOf({
    kind: "comp.give",
    gateway: "",
    mode: "",
    object: `organization:${organizationId}`,
    wanted: { wanted, until },
    revision,
  });
  return db().transaction(async (tx) => {
    const organization = await locked(tx, organizationId);
    const given = await findGiven(tx, wanted);
    if (!given) throw refusedField("given", "Choose what to give.");
    const sentence = compInWords(given.name, endsAt);
    const same = await compOfIntention(tx, intention);
    if (same) return { comp: same, sentence };
    const fault = compEndFault(endsAt, new Date());
    if (fault) throw refusedField("until", fault);
    if (given.isDefault) throw refusedField("given", `Everybody has ${given.name} already.`);
    if (given.isArchived) {
      throw refusedField(
        "given",
        `${given.name} is off sale. Give its tier, or another plan.`,
        "conflict",
      );
    }
    const last = await lastComp(tx, organizationId);
    if ((await seenComps(tx, organizationId)).revision !== revision) throw changedMeanwhile();
    await endComps(tx, organizationId);
    const comp = await insertComp(tx, {
      id: newId("cmp"),
      organizationId,
      tierId: given.tierId,
      planId: given.planId,
      tierBeforeId: tierWithout(organization, last),
      endsAt,
      reason,
      givenByLabel: actor.label,
      intention,
    });
    await recomputeNow(tx, organizationId, "comp");
    await noteNotice(tx, {
      kind: "comp_given",
      object: `comp:${comp.id}`,
      attempt: 0,
      organizationId,
    });
    await recordDeed(tx, actor, {
      action: "comp.give",
      organizationId,
      subject: comp.id,
      before: last && isOpen(last, new Date()) ? compInWords(last.name, last.endsAt) : null,
      after: sentence,
      reason,
    });
    return { comp, sentence };
  });
}

const endInput = z.object({ organizationId: id, compId: id, reason: why });

/** Ends what was given before its day. What is over already stays so. */
export async function endComp(
  actor: Administrator,
  input: z.input<typeof endInput>,
): Promise<Granted> {
  const { organizationId, compId, reason } = checked(endInput, input);
  onlyAdministrators(actor);
  return db().transaction(async (tx) => {
    await locked(tx, organizationId);
    const held = await findComp(tx, organizationId, compId);
    if (!held) throw new AppError("not_found", "Nothing of that kind was given.");
    const given = await findGiven(tx, held.planId ?? held.tierId);
    const name = given?.name ?? "It";
    const sentence = `${name} is no longer free of charge.`;
    if (!isOpen(held, new Date())) return { comp: held, sentence };
    await endComps(tx, organizationId);
    await recomputeNow(tx, organizationId, "comp");
    await recordDeed(tx, actor, {
      action: "comp.end",
      organizationId,
      subject: compId,
      before: compInWords(name, held.endsAt),
      reason,
    });
    return { comp: (await findComp(tx, organizationId, compId)) ?? held, sentence };
  });
}

async function locked(tx: Tx, organizationId: string): Promise<Organization> {
  const organization = await lockOrganization(tx, organizationId);
  if (!organization) throw new AppError("not_found", "There is no such organization.");
  return organization;
}

/** The tier that the organization would have had all the time without comps. */
function tierWithout(
  { tierId, tierValidUntil }: Organization,
  last: Awaited<ReturnType<typeof lastComp>>,
): string {
  const held = { heldTierId: tierId, heldUntil: tierValidUntil };
  return last && isGiven(last, held) ? last.tierBeforeId : tierId;
}
