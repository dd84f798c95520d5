import { db } from "#db/client.ts";
import type { Administrator } from "../../actor.ts";
import { type Difference, differencesOf } from "../../catalogue/drift-rules.ts";
import { pagesOf } from "../../catalogue/import-rules.ts";
import type { Place } from "../../catalogue/made-store.ts";
import { pricesOfEach } from "../../catalogue/mirror-views.ts";
import type { Charge, MirroredPrice } from "../../catalogue/mirrored-rules.ts";
import { nounOf, ONCE, type Period } from "../../catalogue/naming-rules.ts";
import type { Mode } from "../../gateways/gateway.ts";
import { gateway as gatewayNamed, gatewayNames } from "../../gateways/registry.ts";
import { connectionOf } from "../../settings/secrets.ts";
import type { CommandRow } from "../asking/kind.ts";
import { lastCommand } from "../asking/store.ts";
import { type ImportNow, importNow } from "./import-store.ts";
import { lastReading, type Reading, unanswered } from "./reading-store.ts";
import { objectOf, soldSubject } from "./store.ts";

/** A gateway in one mode, by name. */
export type Market = Place & {
  readonly title: string;
  /** There is a key to ask it with. */
  readonly canAsk: boolean;
};

/** Every gateway in one mode. */
export async function markets(_: Administrator, mode: Mode): Promise<Market[]> {
  return Promise.all(
    gatewayNames.map(async (name) => ({
      gateway: name,
      mode,
      title: gatewayNamed(name).title,
      canAsk: (await connectionOf(name, mode)) !== undefined,
    })),
  );
}

/** What a gateway sells of a plan or a one-time product, and what differs. */
export type SellingView = {
  readonly market: Market;
  readonly soldId: string;
  readonly revision: string;
  readonly mirrored: readonly MirroredPrice[];
  readonly differences: readonly Difference[];
  /** The newest thing that was asked about it, if any. */
  readonly command: CommandRow | undefined;
};

/** A plan or a one-time product at one gateway, or `not_found`. */
export async function findSelling(
  _: Administrator,
  market: Market,
  soldId: string,
): Promise<SellingView> {
  const { sold, mirrored, revision } = await soldSubject(db(), market, soldId);
  return {
    market,
    soldId,
    revision,
    mirrored,
    differences: differencesOf(sold, mirrored, market.title),
    command: await lastCommand(db(), { ...market, object: objectOf(soldId) }),
  };
}

/** How many prices of something a gateway has, and what differs. */
export type SellingInShort = { readonly prices: number; readonly differences: number };

/** A plan or a one-time product as lists show it: one without periods is paid once. */
type Listed = {
  readonly id: string;
  readonly name: string;
  readonly archivedAt: Date | null;
  readonly prices: readonly (Omit<Charge, keyof Period> & Partial<Period>)[];
};

/** How each plan or one-time product stands at a gateway, by its id. */
export async function sellingOf(
  _: Administrator,
  market: Market,
  listed: readonly Listed[],
): Promise<Map<string, SellingInShort>> {
  const ids = listed.map(({ id }) => id);
  const all = await pricesOfEach(db(), market, ids);
  return new Map(
    listed.map(({ id, name, archivedAt, prices: asked }) => {
      const there = all.get(id) ?? [];
      const prices = asked.map((price) => ({ ...ONCE, ...price }));
      const sold = { noun: nounOf(id), name, isArchived: archivedAt !== null, prices };
      const differences = differencesOf(sold, there, market.title).length;
      return [id, { prices: there.length, differences }] as const;
    }),
  );
}

/** A page of what an import of a gateway's prices would do, and how far the reading of its catalogue came. */
export type ImportView = ImportNow & {
  readonly market: Market;
  readonly reading: Reading | undefined;
  /** Prices and products that are still to be looked at. */
  readonly pending: number;
  /** Which page this is, and how many there are. */
  readonly page: number;
  readonly pages: number;
  /** On all pages: prices that would be put into plans, and those that are left. */
  readonly inAll: { readonly imported: number; readonly left: number };
};

/** The page of this number; the last one where there are not as many. */
export async function findImport(_: Administrator, market: Market, page = 1): Promise<ImportView> {
  const [now, reading, pending] = await Promise.all([
    importNow(db(), market),
    lastReading(db(), market),
    unanswered(db(), market),
  ]);
  const pages = pagesOf(now.proposals, now.left);
  const shown = Math.min(Math.max(page, 1), pages.length);
  const inAll = {
    imported: now.proposals.reduce((sum, { links }) => sum + links.length, 0),
    left: now.left.length,
  };
  const { proposals, left } = pages[shown - 1] ?? { proposals: [], left: [] };
  const { more } = now;
  return {
    proposals,
    left,
    more,
    market,
    reading,
    pending,
    page: shown,
    pages: pages.length,
    inAll,
  };
}
