import {
  type Charge,
  chargeInWords,
  chargeOf,
  isAlike,
  isOnSale,
  isSame,
  type MirroredPrice,
  usedInWords,
} from "./mirrored-rules.ts";
import type { Noun } from "./naming-rules.ts";

/** A plan or a one-time product as it is sold here. */
export type Sold = {
  readonly noun: Noun;
  readonly name: string;
  readonly isArchived: boolean;
  /** Those on sale. */
  readonly prices: readonly Charge[];
};

/** What can be done about a difference, by one button. */
export type Remedy =
  /** Have the gateway sell what is sold here. */
  | { readonly kind: "publish" }
  /** Sell here what the gateway sells. */
  | { readonly kind: "adopt"; readonly priceRef: string }
  /** Take it off sale at the gateway. */
  | { readonly kind: "withdraw"; readonly priceRef: string }
  /** Call the gateway's product as what it sells is called here. */
  | { readonly kind: "rename"; readonly productRef: string };

/** Something that is otherwise here than at the gateway. */
export type Difference = {
  /** Tells it from the others of what is sold. */
  readonly key: string;
  readonly what: string;
  readonly here: string;
  readonly there: string;
  /** What follows from it, and what to do. */
  readonly advice: string;
  readonly remedies: readonly Remedy[];
};

/**
 * What is sold here and what the gateway sells of it, where the two differ: what nobody can buy first,
 * then what the gateway sells beside, then names.
 */
export function differencesOf(
  sold: Sold,
  mirrored: readonly MirroredPrice[],
  gatewayName: string,
): Difference[] {
  const there = mirrored.filter(({ isDeleted }) => !isDeleted);
  const wanted = sold.isArchived ? [] : sold.prices;
  const asked = wanted.flatMap((price) => unsold(sold, price, there, gatewayName));
  const shown = new Set(asked.flatMap(({ counterpart }) => counterpart ?? []));
  const beside = there
    .filter((price) => price.isActive && !shown.has(price.ref))
    .flatMap((price) => soldBeside(sold, price, gatewayName));
  return [
    ...there.flatMap((price) => untold(sold, price, gatewayName)),
    ...asked.map(({ difference }) => difference),
    ...beside,
    ...productsOffSale(sold, there, gatewayName),
    ...productsOfOtherNames(sold, there, gatewayName),
  ];
}

/** What the gateway has to be asked for so that everything that is sold here can be bought there. */
export function missingThere(
  sold: Sold,
  mirrored: readonly MirroredPrice[],
): { readonly make: Charge[]; readonly wake: string[]; readonly wakeProducts: string[] } {
  const there = mirrored.filter(({ isDeleted, isActive }) => !isDeleted && isActive !== null);
  const wanted = sold.isArchived ? [] : sold.prices;
  const sameAs = (price: Charge) =>
    there.filter((each) => {
      const charge = chargeOf(each);
      return charge && isSame(charge, price);
    });
  const asleep = wanted.flatMap((price) => {
    const same = sameAs(price);
    return same.some(({ isActive }) => isActive) ? [] : same.slice(0, 1);
  });
  const used = wanted.flatMap((price) => {
    const same = sameAs(price);
    return same.find(isOnSale) ? [] : (same.find(({ isActive }) => isActive) ?? same[0] ?? []);
  });
  const products = used.flatMap(({ product, productRef }) =>
    product?.isActive === false && productRef ? [productRef] : [],
  );
  return {
    make: wanted.filter((price) => sameAs(price).length === 0),
    wake: asleep.map(({ ref }) => ref),
    wakeProducts: [...new Set(products)],
  };
}

/** How the two are spoken of: one is had from then on, the other was bought. */
const WORDS = {
  plan: {
    buys: "subscribe to it",
    had: usedInWords,
    kept: (price: MirroredPrice) => `${usedInWords(price)}; what is had is kept`,
    either: (price: MirroredPrice) => `${usedInWords(price)}, and stays as it is either way`,
    charged: (price: MirroredPrice) =>
      `Plans here are not charged like that, so nobody new gets it here. ${usedInWords(price)}, with this plan's tier`,
  },
  product: {
    buys: "buy it",
    had: () => "Orders stay what they are",
    kept: () => "Orders stay what they are",
    either: () => "Orders stay what they are either way",
    charged: () => "A one-time product is not charged like that, so nobody gets it here",
  },
} as const;

function untold(
  { noun }: Sold,
  { ref, isActive }: MirroredPrice,
  gatewayName: string,
): Difference[] {
  if (isActive !== null) return [];
  const advice = `Nothing was told about ${ref} yet. Read ${gatewayName}’s catalogue, on the import page.`;
  const rest = { here: `In this ${noun}`, there: "Not told yet", advice, remedies: [] };
  return [{ key: `untold ${ref}`, what: "Price", ...rest }];
}

function unsold(
  { noun }: Sold,
  price: Charge,
  there: readonly MirroredPrice[],
  gatewayName: string,
): { difference: Difference; counterpart: string | undefined }[] {
  const { buys, either } = WORDS[noun];
  const ours = chargeInWords(price);
  const charges = there.flatMap((each) => {
    const charge = chargeOf(each);
    return charge && isAlike(charge, price) ? [{ each, charge }] : [];
  });
  const same = charges.filter(({ charge }) => isSame(charge, price));
  if (same.some(({ each }) => each.isActive)) return [];
  const key = `price ${price.currency} ${price.intervalCount} ${price.interval}`;
  const publish = { kind: "publish" } as const;
  if (same.length > 0) {
    const difference = {
      key,
      what: ours,
      here: "On sale",
      there: "Off sale",
      advice: `Nobody can ${buys}. Put it on sale at ${gatewayName} again.`,
      remedies: [publish],
    };
    return [{ difference, counterpart: undefined }];
  }
  const other = charges.find(({ each }) => each.isActive)?.each;
  if (!other) {
    const advice = `${gatewayName} sells nothing like it, so nobody can ${buys}. Create it there.`;
    const difference = { key, what: "Price", here: ours, there: "None", advice };
    return [{ difference: { ...difference, remedies: [publish] }, counterpart: undefined }];
  }
  const difference = {
    key,
    what: "Amount",
    here: ours,
    there: chargeInWords(other),
    advice: `Pages here ask one amount and ${gatewayName} would charge the other, so nobody can ${buys}. ${either(other)}.`,
    remedies: [publish, adopting(noun, other)].flat(),
  };
  return [{ difference, counterpart: other.ref }];
}

function soldBeside(sold: Sold, price: MirroredPrice, gatewayName: string): Difference[] {
  const { noun } = sold;
  const charge = chargeOf(price);
  if (charge && !sold.isArchived && sold.prices.some((ours) => isSame(ours, charge))) return [];
  const key = `beside ${price.ref}`;
  const { had, kept, charged } = WORDS[noun];
  const withdraw = { kind: "withdraw", priceRef: price.ref } as const;
  const there = `${chargeInWords(price)}, on sale`;
  if (sold.isArchived) {
    const advice = `Nobody new gets it here. ${had(price)}. Take it off sale at ${gatewayName}, so that nothing else sells it.`;
    return [{ key, what: "Price", here: "Archived", there, advice, remedies: [withdraw] }];
  }
  const ours = charge && sold.prices.find((each) => isAlike(each, charge));
  if (ours) {
    const advice = `Nobody new gets it here. ${kept(price)}. Take it off sale at ${gatewayName}, so that nothing else sells it.`;
    return [
      { key, what: "Old amount", here: chargeInWords(ours), there, advice, remedies: [withdraw] },
    ];
  }
  const common = { key, what: "Price", here: "None", there };
  if (!charge) {
    return [{ ...common, advice: `${charged(price)}.`, remedies: [withdraw] }];
  }
  const advice = `Nobody sees it here. ${had(price)}. Add it to the ${noun}, or take it off sale at ${gatewayName}.`;
  return [{ ...common, advice, remedies: [...adopting(noun, price), withdraw] }];
}

function adopting(noun: Noun, price: MirroredPrice): Remedy[] {
  const charge = chargeOf(price);
  return charge && canAsk(noun, charge) ? [{ kind: "adopt", priceRef: price.ref }] : [];
}

/** Plans renew. Products are paid for once, and are no gifts. */
export function canAsk(noun: Noun, { interval, amountMinor }: Charge): boolean {
  return noun === "plan" ? interval !== null : interval === null && amountMinor > 0;
}

function productsOffSale(
  sold: Sold,
  there: readonly MirroredPrice[],
  gatewayName: string,
): Difference[] {
  if (sold.isArchived) return [];
  const { wakeProducts } = missingThere(sold, there);
  return wakeProducts.map((productRef) => ({
    key: `off sale ${productRef}`,
    what: "Product",
    here: "On sale",
    there: `${nameOf(there, productRef)}, archived`,
    advice: `${gatewayName} sells no price of an archived product. Put it on sale there again.`,
    remedies: [{ kind: "publish" }],
  }));
}

function productsOfOtherNames(
  sold: Sold,
  there: readonly MirroredPrice[],
  gatewayName: string,
): Difference[] {
  const named = there.filter(
    ({ isActive, product }) => isActive && product && !product.isShared && product.isActive,
  );
  const refs = new Set(named.flatMap(({ productRef }) => productRef ?? []));
  return [...refs].flatMap((productRef) => {
    const name = nameOf(there, productRef);
    if (name === sold.name) return [];
    const advice = `Invoices and receipts of ${gatewayName} say the name there. Rename the product there, or the ${sold.noun} here.`;
    const remedies = [{ kind: "rename", productRef } as const];
    return [
      { key: `name ${productRef}`, what: "Name", here: sold.name, there: name, advice, remedies },
    ];
  });
}

function nameOf(there: readonly MirroredPrice[], productRef: string): string {
  return there.find((each) => each.productRef === productRef)?.product?.name ?? productRef;
}
