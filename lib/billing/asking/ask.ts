import { db, type Tx } from "#db/client.ts";
import type { Actor } from "../../actor.ts";
import { type Deed, recordDeed } from "../../audit/store.ts";
import { lockTiers } from "../../catalogue/offer-store.ts";
import { AppError } from "../../errors.ts";
import { newId } from "../../ids.ts";
import { log } from "../../log.ts";
import { together } from "../../together.ts";
import { lockOrganization } from "../store.ts";
import { intentionOf, type Plain } from "./intention.ts";
import type { CommandRow } from "./kind.ts";
import type { KindName } from "./kinds.ts";
import { type Asked, LEASE_SECONDS, sendCommand } from "./send.ts";
import { findByIntention, insertCommand, leaveToScreen, openCommand, type Place } from "./store.ts";
import { objectOf } from "./touched.ts";

/** What somebody wants, of something that they saw in a certain state. */
export type Wish = Place & {
  readonly kind: KindName;
  /** Null for a wish about what is sold, which is nobody's own. */
  readonly organizationId: string | null;
  readonly wanted: Plain;
  /** The revision that the page showed. */
  readonly revision: string;
  /** Asks the gateway first whether it still makes sense; false where it does not. Not for a repeat. */
  check?(): Promise<boolean>;
  /**
   * Looks at the state as it is, nobody else changing it meanwhile: answers the revision that is true
   * now, and everything that will be sent. Throws what stands in the way.
   */
  prepare(tx: Tx): Promise<Prepared>;
};

export type Prepared = {
  readonly revision: string;
  readonly plan: Record<string, unknown>;
  readonly deed: Deed;
  /** Writes what belongs to the command, in its transaction. */
  alongside?(commandId: string): Promise<void>;
};

/**
 * Asks the gateway for something, once, however often the same wish comes. Answers the command as it
 * stands when the gateway has answered; still `open` where it has not: then the worker goes on.
 * Undefined where the check said no.
 */
export async function ask(actor: Actor, wish: Wish): Promise<CommandRow | undefined> {
  const intention = intentionOf(wishOf(wish));
  const asked = (await known(intention)) ?? (await begun(actor, wish, intention));
  return asked && sent(asked);
}

function wishOf({ kind, gateway, mode, object, wanted, revision }: Wish) {
  return { kind, gateway, mode, object, wanted, revision };
}

async function known(intention: string): Promise<Asked | undefined> {
  const id = await findByIntention(db(), intention);
  return id === undefined ? undefined : { id };
}

/**
 * Begins a wish. Where it does not fit any more, the same wish may be why: a second click that comes
 * while the first is being granted is no other wish, and no failure.
 */
async function begun(actor: Actor, wish: Wish, intention: string): Promise<Asked | undefined> {
  try {
    if (wish.check && !(await wish.check())) return await known(intention);
    return await db().transaction((tx) => begin(tx, actor, wish, intention));
  } catch (error) {
    const same = await known(intention);
    if (!same) throw error;
    return same;
  }
}

/** Once it is written down it goes on, whatever happens here: nobody may be told that nothing was done. */
async function sent(asked: Asked): Promise<CommandRow> {
  try {
    return await sendCommand(asked);
  } catch (cause) {
    log().error({ err: cause, command: asked.id }, "what became of a command could not be noted");
    throw new AppError(
      "not_yet",
      "It was asked for, and it goes on by itself. Look again in a moment: what became of it shows here.",
      { cause },
    );
  }
}

/** Writes the command down, or finds the one that the same wish made before. */
async function begin(tx: Tx, actor: Actor, wish: Wish, intention: string): Promise<Asked> {
  // All commands of one organization begin one after the other, and all about the catalogue.
  const { organizationId, gateway, mode, object, kind, revision } = wish;
  const place = { gateway, mode, object };
  const [, same, open] = await together([
    organizationId === null ? lockTiers(tx) : lockOrganization(tx, organizationId),
    findByIntention(tx, intention),
    openCommand(tx, place),
  ]);
  if (same) return { id: same };
  if (open) throw onItsWay();
  const prepared = await wish.prepare(tx);
  if (prepared.revision !== revision) throw changedMeanwhile();
  const id = newId("cmd");
  const row = {
    id,
    organizationId,
    ...place,
    kind,
    intention,
    plan: prepared.plan,
    askedByKind: actor.kind,
    askedById: idOf(actor),
    askedByLabel: actor.label,
  };
  const follow = async () => {
    await prepared.alongside?.(id);
    await together([
      recordDeed(tx, actor, { organizationId, ...prepared.deed }),
      // Last, since object rows are.
      leaveToScreen(tx, place, objectOf({ object })),
    ]);
  };
  const [begun] = await together([insertCommand(tx, row, LEASE_SECONDS), follow()]);
  return { id, begun };
}

/** For a page that no longer shows what is true. */
export function changedMeanwhile(): AppError {
  return new AppError(
    "conflict",
    "Something changed since this page was opened, so nothing was done. Look at it as it is now, and ask again.",
  );
}

function onItsWay(): AppError {
  return new AppError(
    "conflict",
    "Another change is on its way to the payment company. Wait a moment, then look again.",
  );
}

function idOf(actor: Actor): string | null {
  if (actor.kind === "api_client") return actor.keyId;
  return actor.kind === "operator" ? null : actor.userId;
}
