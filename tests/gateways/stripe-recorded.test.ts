import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ObjectRef, SigningSecret } from "#lib/gateways/gateway.ts";
import { stripe } from "#lib/gateways/stripe/stripe.ts";
import {
  bodyOf,
  event,
  liveSecret,
  signed,
  stored,
  testSecret,
} from "#tests/support/stripe-objects.ts";

/** Recorded by others, kept outside of this repository; without them these tests are skipped. */
const recordings = join(import.meta.dirname, "../../../shared/fixtures/stripe");
const now = new Date("2026-11-02T10:00:00Z");
const seconds = now.getTime() / 1_000;

function files(folder: string): string[] {
  const root = join(recordings, folder);
  if (!existsSync(root)) {
    console.info(`Skipping: there are no recorded Stripe ${folder} beside this repository.`);
    return [];
  }
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .map((name) => join(folder, name))
    .sort();
}

const events = files("events");
const objects = files("objects");

function prove(body: Buffer, secret: SigningSecret) {
  return stripe.verify(
    {
      gateway: "stripe",
      headers: { "stripe-signature": signed(body, secret.secret, { at: now }) },
      body,
    },
    [testSecret, liveSecret],
    now,
  );
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

describe.skipIf(events.length === 0)("every recorded event", () => {
  test.each(events)("is proven, named and read: %s", (file) => {
    const body = readFileSync(join(recordings, file));
    const json = record(JSON.parse(body.toString()));

    const verdict = prove(body, json.livemode === true ? liveSecret : testSecret);

    if (verdict.kind !== "proven" || !verdict.event) throw new Error(JSON.stringify(verdict));
    const { root, ignoredBecause, ...envelope } = verdict.event;
    expect(envelope).toMatchObject({ eventRef: json.id, type: json.type });
    expect(root === undefined).toBe(ignoredBecause !== undefined);
    if (!root) return;
    const { createdAt } = envelope;
    const payload = {
      eventRef: envelope.eventRef,
      type: envelope.type,
      createdAt,
      receivedAt: now,
      body,
    };
    const found = stripe.read(root, [payload]);
    expect([undefined, "gone", root.type]).toContain(found?.kind);
    if (found && found.kind !== "gone") {
      expect(found.ref).toBe(root.ref);
      expect(found.asOf).toEqual(createdAt);
    }
  });

  test("of a mirrored kind tells a state, but for details that only ring", () => {
    const silent = events
      .map((file) => {
        const body = readFileSync(join(recordings, file));
        const json = record(JSON.parse(body.toString()));
        const verdict = prove(body, json.livemode === true ? liveSecret : testSecret);
        const found = verdict.kind === "proven" ? verdict.event : undefined;
        if (!found?.root) return undefined;
        const state = stripe.read(found.root, [{ ...found, receivedAt: now, body }]);
        return state ? undefined : String(record(record(json.data).object).object);
      })
      .filter((kind) => kind !== undefined);

    expect([...new Set(silent)].sort()).toEqual(
      expect.arrayContaining(["payment_method", "subscription_schedule"]),
    );
    expect(silent.filter((kind) => MIRRORED.has(kind))).toEqual(["invoice"]); // invoice.upcoming
  });
});

describe.skipIf(objects.length === 0)("every recorded object", () => {
  test.each(objects)("of whatever version is read without a fault: %s", (file) => {
    const json = record(JSON.parse(readFileSync(join(recordings, file), "utf8")));
    // Some were kept as an event's `data`.
    const object = typeof json.object === "object" ? record(json.object) : json;
    const type = `recorded.${String(object.object)}`;
    const body = bodyOf(event(type, object));

    const verdict = prove(body, testSecret);

    if (verdict.kind !== "proven") throw new Error(verdict.diagnosis);
    const root: ObjectRef | undefined = verdict.event?.root;
    const found = root && stripe.read(root, [stored(event(type, object, { created: seconds }))]);
    const isItself = MIRRORED.has(String(object.object)) && typeof object.id === "string";
    if (isItself) expect(found?.kind).toBe(root?.type);
    else expect([undefined, root?.type]).toContain(found?.kind);
  });
});

const MIRRORED: ReadonlySet<string> = new Set([
  "customer",
  "subscription",
  "invoice",
  "payment_intent",
  "charge",
  "dispute",
  "checkout.session",
  "price",
  "plan",
  "product",
]);
