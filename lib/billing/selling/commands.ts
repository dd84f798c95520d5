import { z } from "zod";
import { db, type Tx } from "#db/client.ts";
import type { Administrator } from "../../actor.ts";
import type { Deed } from "../../audit/store.ts";
import { missingThere } from "../../catalogue/drift-rules.ts";
import type { Place } from "../../catalogue/made-store.ts";
import { chargeInWords } from "../../catalogue/mirrored-rules.ts";
import { lookupKeyOf, nounOf } from "../../catalogue/naming-rules.ts";
import { AppError } from "../../errors.ts";
import type { Sells } from "../../gateways/asking.ts";
import { checked, id } from "../../input.ts";
import { ask, changedMeanwhile } from "../asking/ask.ts";
import { reading } from "../asking/errand.ts";
import type { Plain } from "../asking/intention.ts";
import type { CommandRow } from "../asking/kind.ts";
import type { KindName } from "../asking/kinds.ts";
import type { PublishPlan } from "./plan.ts";
import { holdersOf, objectOf, productNamed, type SoldSubject, soldSubject } from "./store.ts";

const aboutInput = z.object({
  /** A plan, or a one-time product. */
  soldId: id,
  gateway: z.string().min(1).max(32),
  mode: z.enum(["test", "live"]),
  revision: z.string().max(64),
});
const ref = z.string().min(1).max(255);

export type AboutSold = z.input<typeof aboutInput>;

/** Has the gateway sell what is sold here: makes what is not there, and puts on sale what is off sale. */
export async function publishSold(actor: Administrator, input: AboutSold): Promise<CommandRow> {
  return askAbout(actor, checked(aboutInput, input), {
    deed: "publish",
    wanted: null,
    plan: async (tx, place, subject) => {
      const plan = await publishing(tx, place, subject);
      const after = {
        code: plan.code,
        created: plan.make.map(chargeInWords),
        again: plan.wake,
      };
      return { plan, deed: { after } };
    },
  });
}

/** The same, right after it was saved here; undefined where the gateway sells all of it. */
export async function publishSaved(
  actor: Administrator,
  { soldId, ...place }: Place & { soldId: string },
): Promise<CommandRow | undefined> {
  const { sold, mirrored, revision } = await soldSubject(db(), place, soldId);
  const { make, wake, wakeProducts } = missingThere(sold, mirrored);
  if (make.length + wake.length + wakeProducts.length === 0) return undefined;
  return publishSold(actor, { soldId, ...place, revision });
}

/** Takes prices off sale at the gateway: one, or all that are on sale. Who has one keeps it. */
export async function withdrawPrices(
  actor: Administrator,
  input: AboutSold & { priceRef?: string },
): Promise<CommandRow> {
  const { priceRef, ...about } = checked(aboutInput.extend({ priceRef: ref.optional() }), input);
  return askAbout(actor, about, {
    deed: "withdraw",
    wanted: priceRef ?? null,
    plan: async (_, __, { what, mirrored }) => {
      const there = mirrored.filter(({ isActive, isDeleted }) => isActive && !isDeleted);
      const chosen = there.filter((price) => priceRef === undefined || price.ref === priceRef);
      if (chosen.length === 0) {
        throw new AppError("conflict", "It is off sale there already, so nothing was done.");
      }
      const prices = chosen.map(({ ref, productRef }) => ({ ref, productRef }));
      const after = { code: what.code, offSale: chosen.map(({ ref }) => ref) };
      return { plan: { soldId: what.id, name: what.name, prices }, deed: { after } };
    },
  });
}

/** The same for all of it, right after it was archived here; undefined where nothing is on sale. */
export async function withdrawSaved(
  actor: Administrator,
  { soldId, ...place }: Place & { soldId: string },
): Promise<CommandRow | undefined> {
  const { mirrored, revision } = await soldSubject(db(), place, soldId);
  if (!mirrored.some(({ isActive, isDeleted }) => isActive && !isDeleted)) return undefined;
  return withdrawPrices(actor, { soldId, ...place, revision });
}

/** Calls the gateway's product as what it sells is called here. */
export async function renameProduct(
  actor: Administrator,
  input: AboutSold & { productRef: string },
): Promise<CommandRow> {
  const { productRef, ...about } = checked(aboutInput.extend({ productRef: ref }), input);
  return askAbout(actor, about, {
    deed: "rename",
    wanted: productRef,
    plan: async (_, __, { what, sold, mirrored }) => {
      const product = mirrored.find((price) => price.productRef === productRef)?.product;
      if (!product || product.isShared) {
        throw new AppError("conflict", `This product does not sell this ${sold.noun} alone.`);
      }
      const names = { before: { name: product.name }, after: { name: what.name } };
      return { plan: { productRef, name: what.name }, deed: names };
    },
  });
}

type Wanted = {
  readonly deed: "publish" | "withdraw" | "rename";
  readonly wanted: Plain;
  plan(
    tx: Tx,
    place: Place,
    subject: SoldSubject,
  ): Promise<{ plan: Record<string, unknown>; deed: Pick<Deed, "before" | "after"> }>;
};

async function askAbout(
  actor: Administrator,
  { soldId, revision, ...place }: z.output<typeof aboutInput>,
  { deed, wanted, plan }: Wanted,
): Promise<CommandRow> {
  // A page may hold a member where it should hold an administrator: types end at the network.
  if (actor.kind !== "administrator") {
    throw new AppError("not_allowed", "Only administrators change what is sold.");
  }
  await soldSubject(db(), place, soldId);
  const kind: KindName = `${nounOf(soldId)}.${deed}`;
  const command = await ask(actor, {
    kind,
    organizationId: null,
    ...place,
    object: objectOf(soldId),
    wanted,
    revision,
    check: async () => {
      // Without a key nothing can be asked, and nothing is written down.
      await reading(place);
      return true;
    },
    prepare: async (tx) => {
      const subject = await soldSubject(tx, place, soldId);
      const prepared = await plan(tx, place, subject);
      const done = { action: kind, subject: soldId, ...prepared.deed };
      return { revision: subject.revision, plan: prepared.plan, deed: done };
    },
  });
  if (!command) throw changedMeanwhile();
  return command;
}

/** All that is sent to have the gateway sell something, or what stands in the way. */
async function publishing(
  tx: Tx,
  place: Place,
  { what, sold, mirrored }: SoldSubject,
): Promise<PublishPlan> {
  const { noun } = sold;
  const untold = mirrored.find(({ isActive, isDeleted }) => isActive === null && !isDeleted);
  if (untold) {
    const sentence = `Nothing was told about ${untold.ref} yet, which is in this ${noun}. Read the gateway's catalogue first, or it may be made twice.`;
    throw new AppError("conflict", sentence);
  }
  const { make, wake, wakeProducts } = missingThere(sold, mirrored);
  if (make.length + wake.length + wakeProducts.length === 0) {
    throw new AppError("conflict", "All of it is on sale there already, so nothing was done.");
  }
  const keyed = make.map((price) => ({ ...price, lookupKey: lookupKeyOf(what.code, price) }));
  const holders = await holdersOf(
    tx,
    place,
    keyed.map(({ lookupKey }) => lookupKey),
  );
  const stranger = holders.find(({ soldId }) => soldId !== what.id);
  if (stranger) {
    const sentence = `${stranger.ref} has the lookup key ${stranger.lookupKey} at the gateway, and is not in this ${noun}. Put it into this ${noun}, or give it another lookup key there.`;
    throw new AppError("conflict", sentence);
  }
  const product = await productOf(tx, place, { noun, code: what.code }, mirrored);
  const isAsleep = make.length > 0 && product?.isActive === false;
  return {
    soldId: what.id,
    code: what.code,
    name: what.name,
    description: what.description,
    productRef: product?.ref ?? null,
    wakeProducts: [...new Set([...wakeProducts, ...(isAsleep ? [product.ref] : [])])],
    wake,
    make: keyed.map((price) => ({
      ...price,
      takesFrom: holders.find(({ lookupKey }) => lookupKey === price.lookupKey)?.ref ?? null,
    })),
  };
}

/** What the prices are of: the product of what is sold there, one that is its alone before any other. */
async function productOf(
  tx: Tx,
  place: Place,
  sells: Sells,
  mirrored: readonly SoldSubject["mirrored"][number][],
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
  return best ?? productNamed(tx, place, sells);
}
