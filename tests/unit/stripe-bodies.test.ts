import fc from "fast-check";
import Stripe from "stripe";
import { describe, expect, test } from "vitest";
import {
  bodyOf,
  customer,
  event,
  liveSecret,
  signed,
  subscription,
  testSecret,
} from "#tests/support/stripe-objects.ts";
import {
  body,
  diagnosis,
  now,
  refusal,
  right,
  seconds,
  verify,
  wrong,
} from "#tests/support/stripe-requests.ts";

describe("an altered body", () => {
  const original = '{\n  "id": "evt_1"\n}';
  const header = signed(original, liveSecret.secret, { at: new Date(now.getTime() + 60_000) });
  const later = new Date(now.getTime() + 60_000);

  test.each([
    ["a newline was added", `${original}\n`, "without the white space"],
    ["line ends became CR LF", original.replaceAll("\n", "\r\n"), "with LF for CR LF"],
    ["a byte order mark was put before it", `\ufeff${original}`, "without the byte order mark"],
  ])("is refused and recognised where %s", (_, altered, how) => {
    const verdict = verify(header, { body: Buffer.from(altered), at: later });

    expect(refusal(verdict)).toBe("signature_mismatch");
    expect(diagnosis(verdict)).toContain("A proxy or framework altered the body: the live secret");
    expect(diagnosis(verdict)).toContain(how);
  });

  test("is recognised where a newline at the end was cut off", () => {
    const cut = signed(`${original}\n`, testSecret.secret, { at: later });

    expect(diagnosis(verify(cut, { body: Buffer.from(original), at: later }))).toContain(
      "with a newline at the end",
    );
  });

  test("is looked into only so often in a second", () => {
    const at = new Date(now.getTime() + 120_000);
    const altered = Buffer.from(`${original}\n`);
    const flood = signed(original, liveSecret.secret, { at });

    const sentences = Array.from({ length: 30 }, () =>
      diagnosis(verify(flood, { body: altered, at })),
    );

    const examined = sentences.filter((sentence) => sentence.startsWith("A proxy"));
    expect(examined).toHaveLength(20);
  });

  test("is refused whichever one bit of it or of the signature is flipped", () => {
    fc.assert(
      fc.property(fc.nat(body.length - 1), fc.nat(7), (index, bit) => {
        const flipped = Buffer.from(body);
        flipped[index] = (flipped[index] ?? 0) ^ (1 << bit);
        expect(refusal(verify(`t=${seconds},v1=${right}`, { body: flipped }))).toBe(
          "signature_mismatch",
        );
      }),
    );
    fc.assert(
      fc.property(fc.nat(31), fc.nat(7), (index, bit) => {
        const digest = Buffer.from(right, "hex");
        digest[index] = (digest[index] ?? 0) ^ (1 << bit);
        expect(refusal(verify(`t=${seconds},v1=${digest.toString("hex")}`))).toBe(
          "signature_mismatch",
        );
      }),
    );
  });
});

describe("beside Stripe's own SDK", () => {
  const webhooks = new Stripe("sk_test_unused").webhooks;

  test("its test header proves", () => {
    const payload = body.toString();
    const header = webhooks.generateTestHeaderString({
      payload,
      secret: testSecret.secret,
      timestamp: seconds,
    });

    expect(refusal(verify(header))).toBe("proven");
  });

  test("whatever we prove, it accepts too", () => {
    fc.assert(
      fc.property(fc.integer({ min: -300, max: 300 }), fc.string(), (age, name) => {
        const genuine = bodyOf(event("customer.updated", customer({ name })));
        const header = signed(genuine, testSecret.secret, {
          at: new Date(now.getTime() - age * 1_000),
        });

        expect(refusal(verify(header, { body: genuine }))).toBe("proven");
        expect(
          webhooks.constructEvent(
            genuine,
            header,
            testSecret.secret,
            300,
            undefined,
            now.getTime(),
          ),
        ).toMatchObject({ object: "event" });
      }),
    );
  });

  test("no header at all makes us throw", () => {
    const part = fc.constantFrom(
      "t=",
      "v1=",
      "v0=",
      ",",
      right,
      wrong,
      String(seconds),
      " ",
      "é",
      "=",
    );
    fc.assert(
      fc.property(
        fc.array(part).map((parts) => parts.join("")),
        (header) => {
          expect(verify(header).kind).toMatch(/proven|refused/);
        },
      ),
    );
  });
});

describe("a proven body", () => {
  function proven(bytes: Buffer) {
    const verdict = verify(signed(bytes, testSecret.secret, { at: now }), { body: bytes });
    if (verdict.kind !== "proven") throw new Error(verdict.diagnosis);
    return verdict;
  }

  test.each([
    ["no JSON", Buffer.from("hello")],
    ["empty", Buffer.alloc(0)],
    ["invalid UTF-8", Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
    ["JSON after a byte order mark", Buffer.concat([Buffer.from("\ufeff"), body])],
    ["null", Buffer.from("null")],
    ["an array", Buffer.from("[1]")],
    ["a number", Buffer.from("1")],
    ["an empty text", Buffer.from('""')],
    ["10,000 levels deep", Buffer.from("[".repeat(10_000) + "]".repeat(10_000))],
    ["a key of a megabyte", Buffer.from(`{"${"k".repeat(1_048_576)}":1}`)],
    ["without an id", bodyOf({ object: "event", type: "x", data: { object: {} } })],
    ["of another object", bodyOf({ id: "a", object: "list", type: "x", data: { object: {} } })],
    ["with a list for data", bodyOf({ id: "a", type: "x", data: { object: [] } })],
    ["with a number for type", bodyOf({ id: "a", type: 1, data: { object: {} } })],
    ["with a NUL in its id", bodyOf(event("x", {}, { id: "evt_\u0000" }))],
    [
      "with half a character in its type",
      Buffer.from('{"id":"a","type":"\\ud800","data":{"object":{}}}'),
    ],
    ["with an id too long", bodyOf(event("x", {}, { id: "e".repeat(256) }))],
  ])("that is %s is kept without an event", (_, bytes) => {
    expect(proven(bytes).event).toBeUndefined();
  });

  test("keeps names of prototypes harmless", () => {
    const bytes = Buffer.from(
      '{"id":"evt_1","type":"constructor","__proto__":{"livemode":true},"data":{"object":{"object":"__proto__","id":"x"}}}',
    );

    expect(proven(bytes).event).toMatchObject({ eventRef: "evt_1", root: undefined });
    expect(Object.hasOwn(Object.prototype, "livemode")).toBe(false);
  });

  test("that is deep inside its object is still an event", () => {
    const deep = `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`;
    const bytes = Buffer.from(
      `{"id":"evt_1","type":"customer.updated","data":{"object":{"id":"cus_1","deep":${deep}}}}`,
    );

    expect(proven(bytes).event?.root).toEqual({ type: "customer", ref: "cus_1" });
  });

  test("that names an object by an id no database holds rings nothing", () => {
    const bytes = bodyOf(event("customer.updated", customer({ id: "cus_\u0000" })));

    expect(proven(bytes).event).toMatchObject({ root: undefined });
  });

  test("that is a thin event is proven and says why it is not read", () => {
    const thin = bodyOf({
      id: "evt_thin_1",
      object: "v2.core.event",
      type: "v1.invoice.paid",
      created: "2026-11-02T10:00:00.000Z",
      livemode: false,
      related_object: { id: "in_1", type: "invoice", url: "/v1/invoices/in_1" },
    });

    const found = proven(thin).event;

    expect(found).toMatchObject({ eventRef: "evt_thin_1", root: undefined, createdAt: now });
    expect(found?.ignoredBecause).toContain("thin event");
  });

  test("of a connected account rings nothing and says whose it is", () => {
    const found = proven(
      bodyOf(event("customer.subscription.updated", subscription(), { account: "acct_9" })),
    ).event;

    expect(found).toMatchObject({ account: "acct_9", root: undefined });
    expect(found?.ignoredBecause).toContain("acct_9");
  });
});
