import fc from "fast-check";
import Stripe from "stripe";
import { describe, expect, test } from "vitest";
import type { Refusal, SigningSecret, Verdict } from "#lib/gateways/gateway.ts";
import { stripe } from "#lib/gateways/stripe/stripe.ts";
import {
  bodyOf,
  customer,
  event,
  hmac,
  liveSecret,
  signed,
  subscription,
  testSecret,
} from "#tests/support/stripe-objects.ts";

const now = new Date("2026-11-02T10:00:00Z");
const seconds = now.getTime() / 1_000;
const both = [testSecret, liveSecret];
const body = bodyOf(event("customer.updated", customer()));
const right = hmac(body, testSecret.secret, String(seconds));
const wrong = "0".repeat(64);

function verify(
  header: string | undefined,
  options: { body?: Buffer; secrets?: readonly SigningSecret[]; at?: Date } = {},
): Verdict {
  return stripe.verify(
    {
      gateway: "stripe",
      headers: header === undefined ? {} : { "stripe-signature": header },
      body: options.body ?? body,
    },
    options.secrets ?? both,
    options.at ?? now,
  );
}

function refusal(verdict: Verdict): Refusal | "proven" {
  return verdict.kind === "refused" ? verdict.refusal : "proven";
}

function diagnosis(verdict: Verdict): string {
  return verdict.kind === "refused" ? verdict.diagnosis : "";
}

function ageOf(age: number): Verdict {
  return verify(signed(body, testSecret.secret, { at: new Date(now.getTime() - age * 1_000) }));
}

describe("a Stripe-Signature header", () => {
  test("proves a request with one right v1", () => {
    const verdict = verify(`t=${seconds},v1=${right}`);

    expect(verdict).toMatchObject({
      kind: "proven",
      mode: "test",
      secretId: testSecret.id,
      signedAt: now,
    });
  });

  test("that is missing or empty is signature_missing", () => {
    expect(refusal(verify(undefined))).toBe("signature_missing");
    expect(refusal(verify(""))).toBe("signature_missing");
    expect(diagnosis(verify(undefined))).toContain("strips Stripe-Signature");
  });

  test.each([
    ["an empty v1", `t=${seconds},v1=`],
    ["a v1 without a value", `t=${seconds},v1`],
    ["64 letters that are no ASCII", `t=${seconds},v1=${"é".repeat(64)}`],
    ["upper-case hex", `t=${seconds},v1=${right.toUpperCase().replace(/^[0-9]/, "A")}`],
    ["63 digits", `t=${seconds},v1=${right.slice(1)}`],
    ["65 digits", `t=${seconds},v1=${right}0`],
    ["10,000 digits", `t=${seconds},v1=${"a".repeat(10_000)}`],
    ["500 v1", `t=${seconds}${`,v1=${wrong}`.repeat(500)}`],
    ["nine v1", `t=${seconds}${`,v1=${right}`.repeat(9)}`],
    ["only v0", `t=${seconds},v0=${right}`],
    ["a word for a time", `t=abc,v1=${hmac(body, testSecret.secret, "NaN")}`],
    ["two times", `t=${seconds},t=${seconds},v1=${right}`],
    ["a time with junk", `t=${seconds}junk,v1=${right}`],
    ["a negative time", `t=-1,v1=${right}`],
    ["a time with an exponent", `t=1e9,v1=${right}`],
    ["a space after the comma", `t=${seconds}, v1=${right}`],
    ["the same header twice, joined", `t=${seconds},v1=${right}, t=${seconds},v1=${right}`],
    ["the signature first", `v1=${right},t=${seconds}`],
    ["a newline at the end", `t=${seconds},v1=${right}\n`],
    ["no time", `v1=${right}`],
    ["other words", "hello"],
  ])("with %s is signature_malformed", (_, header) => {
    expect(refusal(verify(header))).toBe("signature_malformed");
  });

  test("may hold the right v1 second, as while a secret is rolled", () => {
    expect(refusal(verify(`t=${seconds},v1=${wrong},v1=${right}`))).toBe("proven");
    expect(refusal(verify(`t=${seconds},v1=${wrong},v1=${right},v0=${wrong}`))).toBe("proven");
  });

  test("with eight wrong v1 is signature_mismatch", () => {
    expect(refusal(verify(`t=${seconds}${`,v1=${wrong}`.repeat(8)}`))).toBe("signature_mismatch");
  });

  test("does not count a v0, though its value be right", () => {
    expect(refusal(verify(`t=${seconds},v1=${wrong},v0=${right}`))).toBe("signature_mismatch");
  });

  test("of another gateway is named in the diagnosis", () => {
    const verdict = stripe.verify(
      { gateway: "stripe", headers: { "webhook-signature": `v1,${right}` }, body },
      both,
      now,
    );

    expect(refusal(verdict)).toBe("signature_missing");
    expect(diagnosis(verdict)).toContain("webhook-signature");
  });
});

describe("the time of a signature", () => {
  test("may be up to 300 seconds off, in the past and in the future", () => {
    expect([299, 300, 301, -300, -301].map((age) => refusal(ageOf(age)))).toEqual([
      "proven",
      "proven",
      "timestamp_too_old",
      "proven",
      "timestamp_in_future",
    ]);
  });

  test("ten years ahead is refused, and the clock is suspected", () => {
    expect(refusal(ageOf(-315_360_000))).toBe("timestamp_in_future");
    expect(diagnosis(ageOf(-720))).toContain("12 minutes in the future");
    expect(diagnosis(ageOf(720))).toMatch(/12 minutes ago.*Check this server's clock/);
  });

  test("is judged after the signature: forged and stale is a mismatch", () => {
    expect(refusal(verify(`t=${seconds - 4_000},v1=${wrong}`))).toBe("signature_mismatch");
  });
});

describe("secrets", () => {
  test("of the other mode prove with their own mode", () => {
    const live = bodyOf(event("customer.updated", customer(), { livemode: true }));

    const verdict = verify(signed(live, liveSecret.secret, { at: now }), { body: live });

    expect(verdict).toMatchObject({ kind: "proven", mode: "live", secretId: liveSecret.id });
  });

  test("that contradict the event's livemode are refused as mode_mismatch", () => {
    const verdict = verify(signed(body, liveSecret.secret, { at: now }));

    expect(refusal(verdict)).toBe("mode_mismatch");
    expect(diagnosis(verdict)).toContain("add it as a test secret");
  });

  test("stored under both modes follow the event's livemode", () => {
    const twin = { ...liveSecret, secret: testSecret.secret };

    expect(
      verify(signed(body, twin.secret, { at: now }), { secrets: [twin, testSecret] }),
    ).toMatchObject({
      kind: "proven",
      mode: "test",
    });
  });

  test("give their mode to an event that does not say its own", () => {
    const { livemode: _, ...rest } = event("customer.updated", customer());
    const silent = bodyOf(rest);

    expect(verify(signed(silent, liveSecret.secret, { at: now }), { body: silent })).toMatchObject({
      kind: "proven",
      mode: "live",
    });
  });

  test("that are retired, of another endpoint, or none at all do not verify", () => {
    expect(refusal(verify(`t=${seconds},v1=${right}`, { secrets: [liveSecret] }))).toBe(
      "signature_mismatch",
    );
    expect(refusal(verify(`t=${seconds},v1=${right}`, { secrets: [] }))).toBe("no_secret");
  });

  test("that are empty or blank are no key at all", () => {
    const blank = { ...testSecret, secret: " " };
    const empty = { ...testSecret, secret: "" };
    const header = `t=${seconds},v1=${hmac(body, "", String(seconds))}`;

    expect(refusal(verify(header, { secrets: [blank, empty] }))).toBe("no_secret");
    expect(refusal(verify(header, { secrets: [empty, liveSecret] }))).toBe("signature_mismatch");
  });

  test("that are all wrong give a sentence with their number and where to look", () => {
    const sentence = diagnosis(verify(`t=${seconds},v1=${wrong}`));

    expect(sentence).toContain("tried 1 test and 1 live");
    expect(sentence).toContain("stripe listen");
    expect(sentence).not.toContain(testSecret.secret);
  });
});

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
