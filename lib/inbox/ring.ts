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

/** Up to which waiting object this process has swept; each goes through all of them by itself. */
let swept = 0;

/** The sweeper: what became known between a look and its decision to wait. A share of what waits at a time. */
export async function sweepWaiting(): Promise<number> {
  const { rung, next } = await db().transaction((tx) => ringLinkedButWaiting(tx, swept));
  swept = next;
  return rung;
}
