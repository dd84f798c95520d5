import { expect, test } from "vitest";
import { isSignedWith, parseSignatureHeader } from "#lib/gateways/stripe/signature.ts";
import { hmac, testSecret } from "#tests/support/stripe-objects.ts";

const ROUNDS = 100;
const PER_ROUND = 1_000;

// Eight candidates make a comparison that ends early eight times as visible beside the HMAC.
test("case 23: a signature whose last byte is wrong takes as long as one whose first is, over 10⁵ of them", () => {
  const body = Buffer.from("{}");
  const right = hmac(body, testSecret.secret, "1");
  const headerOf = (digest: string) => {
    const header = parseSignatureHeader(`t=1${`,v1=${digest}`.repeat(8)}`);
    if (!header) throw new Error("This is no header.");
    return header;
  };
  const other = (digit = "") => (digit === "0" ? "1" : "0");
  const atFirst = headerOf(other(right[0]) + right.slice(1));
  const atLast = headerOf(right.slice(0, -1) + other(right.at(-1)));
  const costOf = (header: typeof atFirst) => {
    const began = performance.now();
    for (let nth = 0; nth < PER_ROUND / 2; nth++) {
      if (isSignedWith(testSecret.secret, header, body)) throw new Error("It is wrong.");
    }
    return performance.now() - began;
  };

  const [first, last]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    first.push(costOf(atFirst));
    last.push(costOf(atLast));
  }

  const ratio = quartile(last) / quartile(first);
  expect(ratio).toBeGreaterThan(0.93);
  expect(ratio).toBeLessThan(1.07);
});

/** A busy machine makes some rounds slow; the quick ones are alike. */
function quartile(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 4)] ?? 0;
}
