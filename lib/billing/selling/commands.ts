import { z } from "zod";
import { db, type Tx } from "#db/client.ts";
import type { Administrator } from "../../actor.ts";
import type { Deed } from "../../audit/store.ts";
import { missingThere } from "../../catalogue/drift-rules.ts";
import type { Place } from "../../catalogue/made-store.ts";
import { chargeInWords } from "../../catalogue/mirrored-rules.ts";
import { lookupKeyOf } from "../../catalogue/naming-rules.ts";
import { AppError } from "../../errors.ts";
import { checked, id } from "../../input.ts";
import { ask, changedMeanwhile } from "../asking/ask.ts";
import { reading } from "../asking/errand.ts";
import type { Plain } from "../asking/intention.ts";
import type { CommandRow } from "../asking/kind.ts";
import type { KindName } from "../asking/kinds.ts";
import type { PublishPlan } from "./plan.ts";
import { holdersOf, objectOf, type PlanSubject, planSubject, productNamed } from "./store.ts";

const aboutInput = z.object({
  planId: id,
  gateway: z.string().min(1).max(32),
  mode: z.enum(["test", "live"]),
  revision: z.string().max(64),
});
const ref = z.string().min(1).max(255);

export type AboutPlan = z.input<typeof aboutInput>;

/** Has the gateway sell what is sold here: makes what is not there, and puts on sale what is off sale. */
export async function publishPlan(actor: Administrator, input: AboutPlan): Promise<CommandRow> {
  return askAbout(actor, checked(aboutInput, input), {
    kind: "plan.publish",
    wanted: null,
    plan: async (tx, place, subject) => {
      const plan = await publishing(tx, place, subject);
      const after = {
        code: plan.planCode,
        created: plan.make.map(chargeInWords),
        again: plan.wake,
      };
      return { plan, deed: { after } };
    },
  });
}

/** The same, right after the plan was saved here; undefined where the gateway sells all of it. */
export async function publishSaved(
  actor: Administrator,
  { planId, ...place }: Place & { planId: string },
): Promise<CommandRow | undefined> {
  const { sold, mirrored, revision } = await planSubject(db(), place, planId);
  const { make, wake, wakeProducts } = missingThere(sold, mirrored);
  if (make.length + wake.length + wakeProducts.length === 0) return undefined;
  return publishPlan(actor, { planId, ...place, revision });
}

/** Takes prices of a plan off sale at the gateway: one, or all that are on sale. Who has one keeps it. */
export async function withdrawPrices(
  actor: Administrator,
  input: AboutPlan & { priceRef?: string },
): Promise<CommandRow> {
  const { priceRef, ...about } = checked(aboutInput.extend({ priceRef: ref.optional() }), input);
  return askAbout(actor, about, {
    kind: "plan.withdraw",
    wanted: priceRef ?? null,
    plan: async (_, __, { plan, mirrored }) => {
      const there = mirrored.filter(({ isActive, isDeleted }) => isActive && !isDeleted);
      const chosen = there.filter((price) => priceRef === undefined || price.ref === priceRef);
      if (chosen.length === 0) {
        throw new AppError("conflict", "It is off sale there already, so nothing was done.");
      }
      const prices = chosen.map(({ ref, productRef }) => ({ ref, productRef }));
      const after = { code: plan.code, offSale: chosen.map(({ ref }) => ref) };
      return { plan: { planName: plan.name, prices }, deed: { after } };
    },
  });
}

/** The same for all of a plan, right after it was archived here; undefined where nothing is on sale. */
export async function withdrawSaved(
  actor: Administrator,
  { planId, ...place }: Place & { planId: string },
): Promise<CommandRow | undefined> {
  const { mirrored, revision } = await planSubject(db(), place, planId);
  if (!mirrored.some(({ isActive, isDeleted }) => isActive && !isDeleted)) return undefined;
  return withdrawPrices(actor, { planId, ...place, revision });
}

/** Calls the gateway's product as the plan is called here. */
export async function renameProduct(
  actor: Administrator,
  input: AboutPlan & { productRef: string },
): Promise<CommandRow> {
  const { productRef, ...about } = checked(aboutInput.extend({ productRef: ref }), input);
  return askAbout(actor, about, {
    kind: "plan.rename",
    wanted: productRef,
    plan: async (_, __, { plan, mirrored }) => {
      const product = mirrored.find((price) => price.productRef === productRef)?.product;
      if (!product || product.isShared) {
        throw new AppError("conflict", "This product does not sell this plan alone.");
      }
      const names = { before: { name: product.name }, after: { name: plan.name } };
      return { plan: { productRef, name: plan.name }, deed: names };
    },
  });
}

type Wanted = {
  readonly kind: KindName;
  readonly wanted: Plain;
  plan(
    tx: Tx,
    place: Place,
    subject: PlanSubject,
  ): Promise<{ plan: Record<string, unknown>; deed: Pick<Deed, "before" | "after"> }>;
};

async function askAbout(
  actor: Administrator,
  { planId, revision, ...place }: z.output<typeof aboutInput>,
  { kind, wanted, plan }: Wanted,
): Promise<CommandRow> {
  // A page may hold a member where it should hold an administrator: types end at the network.
  if (actor.kind !== "administrator") {
    throw new AppError("not_allowed", "Only administrators change what is sold.");
  }
  await planSubject(db(), place, planId);
  const command = await ask(actor, {
    kind,
    organizationId: null,
    ...place,
    object: objectOf(planId),
    wanted,
    revision,
    check: async () => {
      // Without a key nothing can be asked, and nothing is written down.
      await reading(place);
      return true;
    },
    prepare: async (tx) => {
      const subject = await planSubject(tx, place, planId);
      const prepared = await plan(tx, place, subject);
      const deed = { action: kind, subject: planId, ...prepared.deed };
      return { revision: subject.revision, plan: prepared.plan, deed };
    },
  });
  if (!command) throw changedMeanwhile();
  return command;
}

/** All that is sent to have the gateway sell a plan, or what stands in the way. */
async function publishing(
  tx: Tx,
  place: Place,
  { plan, sold, mirrored }: PlanSubject,
): Promise<PublishPlan> {
  const untold = mirrored.find(({ isActive, isDeleted }) => isActive === null && !isDeleted);
  if (untold) {
    const sentence = `Nothing was told about ${untold.ref} yet, which is in this plan. Read the gateway's catalogue first, or it may be made twice.`;
    throw new AppError("conflict", sentence);
  }
  const { make, wake, wakeProducts } = missingThere(sold, mirrored);
  if (make.length + wake.length + wakeProducts.length === 0) {
    throw new AppError("conflict", "All of it is on sale there already, so nothing was done.");
  }
  const keyed = make.map((price) => ({ ...price, lookupKey: lookupKeyOf(plan.code, price) }));
  const holders = await holdersOf(
    tx,
    place,
    keyed.map(({ lookupKey }) => lookupKey),
  );
  const stranger = holders.find(({ planId }) => planId !== plan.id);
  if (stranger) {
    const sentence = `${stranger.ref} has the lookup key ${stranger.lookupKey} at the gateway, and is not in this plan. Put it into this plan, or give it another lookup key there.`;
    throw new AppError("conflict", sentence);
  }
  const product = await productOf(tx, place, plan.code, mirrored);
  const isAsleep = make.length > 0 && product?.isActive === false;
  return {
    planId: plan.id,
    planCode: plan.code,
    name: plan.name,
    description: plan.description,
    productRef: product?.ref ?? null,
    wakeProducts: [...new Set([...wakeProducts, ...(isAsleep ? [product.ref] : [])])],
    wake,
    make: keyed.map((price) => ({
      ...price,
      takesFrom: holders.find(({ lookupKey }) => lookupKey === price.lookupKey)?.ref ?? null,
    })),
  };
}

/** What the plan's prices are of: the product of what it sells there, one that is its alone before any other. */
async function productOf(
  tx: Tx,
  place: Place,
  planCode: string,
  mirrored: readonly PlanSubject["mirrored"][number][],
): Promise<{ ref: string; isActive: boolean } | undefined> {
  const known = mirrored.flatMap(({ isDeleted, productRef, product }) =>
    isDeleted || !productRef || !product ? [] : [{ ref: productRef, ...product }],
  );
  const [best] = known.sort(
    (a, b) =>
      Number(a.isShared) - Number(b.isShared) ||
      Number(b.isActive) - Number(a.isActive) ||
      (a.ref < b.ref ? -1 : 1),
  );
  return best ?? productNamed(tx, place, planCode);
}
