import type { Tx } from "#db/client.ts";
import { config } from "../../config.ts";
import type { Mode } from "../../gateways/gateway.ts";
import { gateway, gatewayNames } from "../../gateways/registry.ts";
import { seatsInUse } from "../../identity/seats/store.ts";
import { connectionOf } from "../../settings/secrets.ts";
import { revisionOf } from "../asking/intention.ts";
import { type Place, settledCount } from "../asking/store.ts";
import { quantityOf } from "../seat-rules.ts";
import { blockersOf, type Offered, type Standing, trialDaysFor } from "./rules.ts";
import { type Market, offered, standing } from "./store.ts";

/** What somebody would like to buy. Where they say no quantity, it is what they need. */
export type Wish = {
  readonly planId: string;
  readonly currency: string;
  readonly interval: "month" | "year";
  readonly quantity?: number | undefined;
};

/** The gateway that sells in this deployment's mode; its title only where it has a key. */
export type Seller = Market & { readonly title: string | undefined };

/** A wish with everything that decides whether it can be granted, as of one moment. */
export type Choice = {
  readonly wanted: Wish & { readonly quantity: number };
  readonly offered: Offered;
  readonly standing: Standing;
  readonly seatsInUse: number;
  readonly trialDays: number | null;
  readonly blockers: readonly string[];
  /** Of what is shown: a wish that is made of something else is not granted. */
  readonly revision: string;
};

/** The first gateway that has an API key. Not inside a transaction. */
export async function sellerIn(mode: Mode = config().mode): Promise<Seller> {
  for (const name of gatewayNames) {
    if (await connectionOf(name, mode)) {
      return { gateway: name, mode, title: gateway(name).title };
    }
  }
  return { gateway: gatewayNames[0] ?? "", mode, title: undefined };
}

export async function choiceOf(
  tx: Tx,
  organizationId: string,
  seller: Seller,
  wish: Wish,
): Promise<Choice> {
  const [sold, stands, used] = [
    await offered(tx, seller, wish),
    await standing(tx, organizationId, seller.mode),
    await seatsInUse(tx, organizationId),
  ];
  const wanted = { ...wish, quantity: quantityOf(sold, wish.quantity, used) };
  const trialDays = trialDaysFor(sold, stands.hadOne);
  const settled = await settledCount(tx, placeOf(organizationId, seller));
  return {
    wanted,
    offered: sold,
    standing: stands.standing,
    seatsInUse: used,
    trialDays,
    blockers: blockersOf({
      standing: stands.standing,
      offered: sold,
      quantity: wanted.quantity,
      seatsInUse: used,
      gatewayTitle: seller.title,
      wanted,
    }),
    revision: revisionOf(
      {
        subscriptions: stands.seen,
        priceRef: sold.priceRef ?? null,
        amountMinor: sold.price?.amountMinor ?? null,
        trialDays,
      },
      settled,
    ),
  };
}

/** What commands about an organization's subscribing are filed under: one at a time. */
export function placeOf(organizationId: string, { gateway: name, mode }: Market): Place {
  return { gateway: name, mode, object: `organization:${organizationId}` };
}
