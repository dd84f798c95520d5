import { describe, expect, test } from "vitest";
import { stripe } from "#lib/gateways/stripe/stripe.ts";
import {
  bodyOf,
  customer,
  event,
  hmac,
  liveSecret,
  signed,
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

function ageOf(age: number) {
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

  test("may hold the right v1 first or second, as while a secret is rolled", () => {
    expect(refusal(verify(`t=${seconds},v1=${right},v1=${wrong}`))).toBe("proven");
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
      [testSecret],
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
