import { countFetch } from "../counters.ts";
import { AppError } from "../errors.ts";
import type { Gone, ObjectRef, Snapshot } from "../gateways/gateway.ts";
import { gateway } from "../gateways/registry.ts";
import { connectionOf, pausedUntil } from "../settings/secrets.ts";
import { SECOND } from "../time.ts";
import type { ObjectRow } from "./objects.ts";
import { comparePayloads, newestPayloads, type RankedPayload, wasDeleted } from "./payloads.ts";
import { toldByOthers } from "./provisional.ts";

/** How long one look at a gateway may take; well below a claim's lease. */
const FETCH_TIMEOUT = 8 * SECOND;

/** What a look at an object found, before anything is decided or locked. */
export type Look =
  | {
      kind: "snapshot";
      source: "fetch" | "payload";
      snapshot: Snapshot;
      payloads: readonly RankedPayload[];
      provisional: { planId: string | null } | undefined;
    }
  | { kind: "gone"; source: "fetch" | "payload"; gone: Gone; payloads: readonly RankedPayload[] }
  | { kind: "unknown"; source: "fetch" }
  | { kind: "nothing"; source: "payload"; code: string; sentence: string };

/**
 * Looks at an object as it is now: at the gateway where there is a key, else at the newest payloads.
 * A failing key never falls back to payloads. No transaction is open here.
 */
export async function lookAt(object: ObjectRow): Promise<Look> {
  const ref: ObjectRef = { type: object.type, ref: object.ref };
  // Another process may have saved a key a moment ago, and rung everything for it.
  const connection =
    (await connectionOf(object.gateway, object.mode)) ??
    (object.hasKey ? await connectionOf(object.gateway, object.mode, { fresh: true }) : undefined);
  if (!connection) return lookAtPayloads(object, ref);
  const until = await pausedUntil(object.gateway, object.mode);
  if (until) {
    throw new AppError("not_yet", `The connection is paused until ${until.toISOString()}.`);
  }
  const adapter = gateway(object.gateway);
  const found = await counted(object.gateway, () =>
    adapter.fetch(ref, connection, AbortSignal.timeout(FETCH_TIMEOUT)),
  );
  if (found.kind === "missing") {
    const isGone = adapter.deletable.has(object.type) && (await wasDeleted(object.id, object.ref));
    return isGone
      ? { kind: "gone", source: "fetch", gone: { kind: "gone", ref: object.ref }, payloads: [] }
      : { kind: "unknown", source: "fetch" };
  }
  if (found.kind === "gone") return { kind: "gone", source: "fetch", gone: found, payloads: [] };
  return {
    kind: "snapshot",
    source: "fetch",
    snapshot: found,
    payloads: [],
    provisional: undefined,
  };
}

async function counted<T extends { kind: string }>(
  name: string,
  fetch: () => Promise<T>,
): Promise<T> {
  const began = performance.now();
  let outcome = "bug";
  try {
    const found = await fetch();
    outcome = found.kind === "missing" || found.kind === "gone" ? found.kind : "found";
    return found;
  } catch (error) {
    if (error instanceof AppError) outcome = error.code;
    throw error;
  } finally {
    countFetch(name, outcome, (performance.now() - began) / SECOND);
  }
}

async function lookAtPayloads(object: ObjectRow, ref: ObjectRef): Promise<Look> {
  const payloads = await newestPayloads(object.id);
  const isStale = payloads.some((payload) => {
    const applied = object.applied?.[payload.object];
    return applied && comparePayloads(payload.key, applied) < 0;
  });
  if (isStale) {
    const sentence = "Older than what is known; the newer payload has left the log by its age.";
    return { kind: "nothing", source: "payload", code: "older_than_known", sentence };
  }
  const found = gateway(object.gateway).read(ref, payloads);
  if (found?.kind === "gone") return { kind: "gone", source: "payload", gone: found, payloads };
  if (found) {
    return {
      kind: "snapshot",
      source: "payload",
      snapshot: found,
      payloads,
      provisional: undefined,
    };
  }
  const told = object.type === "subscription" ? await toldByOthers(object) : undefined;
  if (told) return { kind: "snapshot", source: "payload", payloads, ...told };
  return {
    kind: "nothing",
    source: "payload",
    code: "not_described",
    sentence: `No event has described ${object.type} ${object.ref} itself so far.`,
  };
}
