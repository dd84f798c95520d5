import { db } from "#db/client.ts";
import type { Administrator } from "../../actor.ts";
import { type Difference, differencesOf } from "../../catalogue/drift-rules.ts";
import type { Place } from "../../catalogue/made-store.ts";
import { pricesInPlans } from "../../catalogue/mirror-views.ts";
import type { MirroredPrice } from "../../catalogue/mirrored-rules.ts";
import type { PlanView } from "../../catalogue/views.ts";
import type { Mode } from "../../gateways/gateway.ts";
import { gateway as gatewayNamed, gatewayNames } from "../../gateways/registry.ts";
import { connectionOf } from "../../settings/secrets.ts";
import type { CommandRow } from "../asking/kind.ts";
import { lastCommand } from "../asking/store.ts";
import { type ImportNow, importNow } from "./import-store.ts";
import { lastReading, type Reading, unanswered } from "./reading-store.ts";
import { objectOf, planSubject } from "./store.ts";

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

/** What a gateway sells of a plan, and what differs. */
export type SellingView = {
  readonly market: Market;
  readonly revision: string;
  readonly mirrored: readonly MirroredPrice[];
  readonly differences: readonly Difference[];
  /** The newest thing that was asked about the plan, if any. */
  readonly command: CommandRow | undefined;
};

/** A plan at one gateway, or `not_found`. */
export async function findSelling(
  _: Administrator,
  market: Market,
  planId: string,
): Promise<SellingView> {
  const { sold, mirrored, revision } = await planSubject(db(), market, planId);
  return {
    market,
    revision,
    mirrored,
    differences: differencesOf(sold, mirrored, market.title),
    command: await lastCommand(db(), { ...market, object: objectOf(planId) }),
  };
}

/** How many prices are in a plan at a gateway, and what differs. */
export type SellingOfPlan = {
  readonly prices: number;
  readonly differences: readonly Difference[];
};

/** How each plan stands at a gateway, by the plan's id. */
export async function sellingOfPlans(
  _: Administrator,
  market: Market,
  plans: readonly PlanView[],
): Promise<Map<string, SellingOfPlan>> {
  const all = Map.groupBy(await pricesInPlans(db(), market), ({ planId }) => planId);
  return new Map(
    plans.map(({ id, name, archivedAt, prices }) => {
      const mirrored = all.get(id) ?? [];
      const sold = { name, isArchived: archivedAt !== null, prices };
      const there = mirrored.filter(({ isDeleted }) => !isDeleted);
      const differences = differencesOf(sold, mirrored, market.title);
      return [id, { prices: there.length, differences }] as const;
    }),
  );
}

/** What an import of a gateway's prices would do, and how far the reading of its catalogue came. */
export type ImportView = ImportNow & {
  readonly market: Market;
  readonly reading: Reading | undefined;
  /** Prices and products that are still to be looked at. */
  readonly pending: number;
};

export async function findImport(_: Administrator, market: Market): Promise<ImportView> {
  const [now, reading, pending] = await Promise.all([
    importNow(db(), market),
    lastReading(db(), market),
    unanswered(db(), market),
  ]);
  return { ...now, market, reading, pending };
}
