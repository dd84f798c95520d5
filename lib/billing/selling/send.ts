import { db } from "#db/client.ts";
import { keepMadePrice, keepMadeProduct } from "../../catalogue/made-store.ts";
import { nounOf } from "../../catalogue/naming-rules.ts";
import { counted } from "../../counted.ts";
import type { ObjectRef } from "../../gateways/gateway.ts";
import { ring } from "../../rings/store.ts";
import { type Errand, kind } from "../asking/kind.ts";
import { type PublishPlan, publishPlan, renamePlan, withdrawPlan } from "./plan.ts";

/** The gateway sells what is sold here: its product, and each price, in its place before it can be bought. */
export const publish = kind(publishPlan, async (errand, plan) => {
  const { commands } = errand.gateway;
  const productRef = plan.make.length > 0 ? await productFor(errand, plan) : plan.productRef;
  for (const ref of plan.wakeProducts) {
    await commands.setProduct({ productRef: ref, isOnSale: true }, errand);
  }
  for (const priceRef of plan.wake) {
    await commands.setPriceOnSale({ priceRef, isOnSale: true }, errand);
  }
  const made: string[] = [];
  for (const price of plan.make) made.push(await makePrice(errand, plan, productRef ?? "", price));
  const products = [...plan.wakeProducts, ...(productRef ? [productRef] : [])];
  const taken = plan.make.flatMap(({ takesFrom }) => takesFrom ?? []);
  return {
    status: "done",
    sentence: soldInWords(plan, errand.gateway.title),
    answer: { productRef, made },
    touched: [...pricesOf([...made, ...plan.wake, ...taken]), ...productsOf(products)],
  };
});

/** Nobody new gets these prices, from anywhere; who has one keeps it. */
export const withdraw = kind(withdrawPlan, async (errand, plan) => {
  const { commands, title } = errand.gateway;
  for (const { ref } of plan.prices) {
    await commands.setPriceOnSale({ priceRef: ref, isOnSale: false }, errand);
  }
  const what = counted(plan.prices.length, "price");
  const kept =
    nounOf(plan.soldId) === "plan"
      ? "Subscriptions keep what they have."
      : "Orders stay as they are.";
  return {
    status: "done",
    sentence: `${title} sells ${what} of ${plan.name} no longer. ${kept}`,
    answer: {},
    touched: [
      ...pricesOf(plan.prices.map(({ ref }) => ref)),
      ...productsOf(plan.prices.flatMap(({ productRef }) => productRef ?? [])),
    ],
  };
});

/** The gateway calls a product as what it sells is called here. */
export const rename = kind(renamePlan, async (errand, { productRef, name }) => {
  await errand.gateway.commands.setProduct({ productRef, name }, errand);
  return {
    status: "done",
    sentence: `${errand.gateway.title} calls it ${name} now.`,
    answer: {},
    touched: productsOf([productRef]),
  };
});

/** Kept before anything else is asked: what follows may be refused, and then it is there for the next time. */
async function productFor(errand: Errand, plan: PublishPlan): Promise<string> {
  if (plan.productRef) return plan.productRef;
  const { command, gateway } = errand;
  const { soldId, code, name, description } = plan;
  const sells = { noun: nounOf(soldId), code };
  const { ref } = await gateway.commands.createProduct({ name, description, sells }, errand);
  await db().transaction(async (tx) => {
    await keepMadeProduct(tx, command, { ref, name, description, soldId, code });
    await ring(tx, command, productsOf([ref]), { cause: "command", evenIfKnown: true });
  });
  return ref;
}

async function makePrice(
  errand: Errand,
  { soldId, code }: PublishPlan,
  productRef: string,
  { takesFrom, ...price }: PublishPlan["make"][number],
): Promise<string> {
  const { command, gateway } = errand;
  const sells = { noun: nounOf(soldId), code };
  const asked = { ...price, productRef, sells, takesLookupKey: takesFrom !== null };
  const { ref } = await gateway.commands.createPrice({ ...asked, step: price.lookupKey }, errand);
  await db().transaction(async (tx) => {
    await keepMadePrice(tx, command, { ...price, ref, soldId, code, productRef });
    await ring(tx, command, pricesOf([ref]), { cause: "command", evenIfKnown: true });
  });
  return ref;
}

function soldInWords({ name, make, wake }: PublishPlan, title: string): string {
  const parts = [
    make.length > 0 && `${counted(make.length, "price")} created`,
    wake.length > 0 && `${counted(wake.length, "price")} put on sale again`,
  ].filter(Boolean);
  return `${title} sells ${name}${parts.length > 0 ? `: ${parts.join(", ")}` : ""}.`;
}

function pricesOf(refs: readonly string[]): ObjectRef[] {
  return [...new Set(refs)].map((ref) => ({ type: "price", ref }));
}

function productsOf(refs: readonly string[]): ObjectRef[] {
  return [...new Set(refs)].map((ref) => ({ type: "product", ref }));
}
