import { db } from "#db/client.ts";
import type { GatewayName, Mode } from "../gateways/gateway.ts";
import { ringBatch, ringLinkedButWaiting } from "../rings/store.ts";

const BATCH = 500;

/** Rings every object of a connection, in batches: its key came or went, so all may look different. */
export async function ringAll(gateway: GatewayName, mode: Mode): Promise<void> {
  let after: number | undefined = 0;
  while (after !== undefined) {
    const from: number = after;
    after = await db().transaction((tx) => ringBatch(tx, { gateway, mode }, from, BATCH));
  }
}

/** The sweeper: what became known between a look and its decision to wait. */
export async function sweepWaiting(): Promise<number> {
  return db().transaction((tx) => ringLinkedButWaiting(tx));
}
