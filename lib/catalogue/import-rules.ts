import { beginningOf } from "../text.ts";
import {
  type Charge,
  chargeInWords,
  chargeOf,
  isAlike,
  isOnSale,
  isSame,
  type MirroredPrice,
} from "./mirrored-rules.ts";
import { codeFromName, namedPlan } from "./naming-rules.ts";

export type KnownPlan = {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly isArchived: boolean;
  /** Those on sale. */
  readonly prices: readonly Charge[];
};

/** A price that would be put into a plan. */
export type Link = {
  readonly ref: string;
  readonly words: string;
  /** What says that it is of this plan. */
  readonly why: string;
  /** The price that the plan would ask for from then on, where it has none like it. */
  readonly adds: Charge | null;
  /** What is to be known beside. */
  readonly note: string | null;
};

/** What an import would do for one plan. */
export type Proposal = {
  readonly code: string;
  /** Null for a plan that would be made. */
  readonly planId: string | null;
  readonly name: string;
  readonly description: string;
  /** Somebody wrote the plan's code at the gateway. Otherwise it is only proposed. */
  readonly isNamed: boolean;
  readonly links: readonly Link[];
};

/** A price that is left as it is, and why. */
export type Left = { readonly ref: string; readonly words: string; readonly because: string };

/** How many prices a page of an import shows, and how many a person may do at a time. */
export const PAGE_MAX = 500;

/**
 * Cuts what an import would do, and what it leaves, into pages of so many prices. What belongs to one
 * plan stays together, however much that is; there is always a first page.
 */
export function pagesOf<P extends Proposal>(
  proposals: readonly P[],
  left: readonly Left[],
): { readonly proposals: readonly P[]; readonly left: readonly Left[] }[] {
  const groups: P[][] = [];
  let room = 0;
  for (const proposal of proposals) {
    const size = proposal.links.length;
    if (size > room) {
      groups.push([]);
      room = PAGE_MAX;
    }
    groups.at(-1)?.push(proposal);
    room -= size;
  }
  const count = Math.max(1, groups.length, Math.ceil(left.length / PAGE_MAX));
  return Array.from({ length: count }, (_, page) => ({
    proposals: groups[page] ?? [],
    left: left.slice(page * PAGE_MAX, (page + 1) * PAGE_MAX),
  }));
}

export type ImportPlan = {
  readonly proposals: readonly Proposal[];
  readonly left: readonly Left[];
};

type Placed = { readonly price: MirroredPrice; readonly code: string; readonly why: string };

/**
 * What an import would do with the gateway's prices that are in no plan. Changes nothing; the same prices
 * and plans always come to the same.
 */
export function importOf(
  unlinked: readonly MirroredPrice[],
  plans: readonly KnownPlan[],
): ImportPlan {
  const left: Left[] = [];
  const placed: (Placed & { isNamed: boolean })[] = [];
  for (const price of [...unlinked].sort(byMeaning)) {
    const place = placeOf(price, plans);
    if ("because" in place) left.push({ ref: price.ref, words: wordsOf(price), ...place });
    else placed.push({ price, ...place });
  }
  const proposals: Proposal[] = [];
  for (const [code, group] of Map.groupBy(placed, (each) => each.code)) {
    const named = group.filter(({ isNamed }) => isNamed);
    const known = plans.find((plan) => plan.code === code);
    const isNamed = named.length > 0;
    if ((known || isNamed) && named.length < group.length) {
      const because = `Nothing says that it is of the plan with the code ${code}. Put it into a plan by hand, or write billhook_plan into its metadata.`;
      for (const { price, isNamed: hasWord } of group) {
        if (!hasWord) left.push({ ref: price.ref, words: wordsOf(price), because });
      }
    }
    const [first] = group;
    const isOfFirst = ({ price }: Placed) => price.productRef === first?.price.productRef;
    const members = known || isNamed ? named : group.filter(isOfFirst);
    if (first && !known && !isNamed) {
      const because = `Its product’s name comes to the code ${code}, as that of ${productOf(first)} does, which is proposed. They may be two plans: put it into one by hand, or write billhook_plan into its metadata.`;
      for (const { price } of group.filter((each) => !isOfFirst(each))) {
        left.push({ ref: price.ref, words: wordsOf(price), because });
      }
    }
    if (members.length > 0) proposals.push(proposalOf(code, known, isNamed, members));
  }
  return { proposals, left };
}

function productOf({ price: { product, productRef } }: Placed): string {
  return `${product?.name} (${productRef})`;
}

/** Where a price belongs, or why it is left. */
function placeOf(
  price: MirroredPrice,
  plans: readonly KnownPlan[],
): { because: string } | { code: string; why: string; isNamed: boolean } {
  if (price.isActive === null) return { because: "Nothing was told about it yet." };
  const isUsed = price.subscriptions > 0;
  const noPlan = whyNoPlan(price);
  if (!isOnSale(price) && !isUsed) {
    return { because: "It is off sale at the gateway, and nobody subscribes to it." };
  }
  const named = namedPlan({ ...price, productPlanCode: price.product?.planCode ?? null });
  if (named.kind === "unclear") return { because: named.because };
  if (named.kind === "named") {
    const known = plans.find(({ code }) => code === named.code);
    if (known?.isArchived && !isUsed) {
      return { because: `${known.name} is archived here, and nobody subscribes to it.` };
    }
    if (!known && noPlan) return { because: noPlan };
    return { code: named.code, why: named.by, isNamed: true };
  }
  if (noPlan) return { because: noPlan };
  const code = price.product ? codeFromName(price.product.name) : undefined;
  if (code === undefined) {
    return { because: "Nothing says which plan it is of. Put it into a plan by hand." };
  }
  return { code, why: "its product’s name; no code is written on it", isNamed: false };
}

/** Why no plan is made of a price. One that exists and that the price names may have it all the same. */
function whyNoPlan(price: MirroredPrice): string | undefined {
  const charge = chargeOf(price);
  if (!charge) return "Plans are charged by the month or the year, and not by use.";
  return charge.interval === null ? "It is paid once, so no plan is made of it." : undefined;
}

function proposalOf(
  code: string,
  known: KnownPlan | undefined,
  isNamed: boolean,
  members: readonly Placed[],
): Proposal {
  const product = members.find(({ price }) => price.product)?.price.product;
  const asked = [...(known?.prices ?? [])];
  const links = members.map(({ price, why }) => {
    const link = linkOf(price, why, asked, known);
    if (link.adds) asked.push(link.adds);
    return link;
  });
  return {
    code,
    planId: known?.id ?? null,
    name: known?.name ?? lineOf(product?.name ?? "") ?? code,
    description: known ? "" : beginningOf(product?.description ?? "", DESCRIPTION_MAX),
    isNamed: isNamed || known !== undefined,
    links,
  };
}

function linkOf(
  price: MirroredPrice,
  why: string,
  asked: readonly Charge[],
  known: KnownPlan | undefined,
): Link {
  const link = { ref: price.ref, words: wordsOf(price), why, adds: null };
  const charge = chargeOf(price);
  if (!charge) return { ...link, note: "Plans here are not charged like that; its tier is given." };
  if (asked.some((each) => isSame(each, charge))) return { ...link, note: null };
  const like = asked.find((each) => isAlike(each, charge));
  if (like) {
    const note = `The plan asks ${chargeInWords(like)}, and goes on to: the difference is shown on its page.`;
    return { ...link, note };
  }
  if (known?.isArchived || !isOnSale(price)) {
    return { ...link, note: "Only for those who subscribe to it: it is not sold to anybody new." };
  }
  if (charge.interval === null)
    return { ...link, note: "Paid once; it is no part of a subscription." };
  return { ...link, adds: charge, note: null };
}

/** What somebody wrote a key on first, then what most have: of two that a plan can ask only one of, it asks the first. */
function byMeaning(a: MirroredPrice, b: MirroredPrice): number {
  return (
    Number(b.isActive === true) - Number(a.isActive === true) ||
    Number(b.lookupKey !== null) - Number(a.lookupKey !== null) ||
    b.subscriptions - a.subscriptions ||
    (a.ref < b.ref ? -1 : 1)
  );
}

function wordsOf(price: MirroredPrice): string {
  const { product } = price;
  return [product?.name, chargeInWords(price)].filter(Boolean).join(" · ");
}

/** What somebody wrote at the gateway, as a name here may be: one line that reads in one direction. */
function lineOf(name: string): string | undefined {
  const line = name.replaceAll(/[\p{Cc}\u2028-\u202e\u2066-\u2069]+/gu, " ").trim();
  return beginningOf(line, NAME_MAX).trim() || undefined;
}

const NAME_MAX = 80;
const DESCRIPTION_MAX = 500;
