import { createHmac, timingSafeEqual } from "node:crypto";

/** A `Stripe-Signature` header of the right form. */
export type SignatureHeader = {
  /** As it was signed, digit for digit. */
  readonly timestamp: string;
  readonly signedAt: Date;
  readonly candidates: readonly Buffer[];
};

/**
 * Reads the header by Stripe's exact grammar, or not at all. Lenient readers accept two timestamps,
 * `t=123junk`, or throw a plain error on an empty `v1=`.
 */
export function parseSignatureHeader(value: string): SignatureHeader | undefined {
  if (value.length > HEADER_LENGTH_MAX || !GRAMMAR.test(value)) return undefined;
  const [first = "", ...rest] = value.split(",");
  const timestamp = first.slice("t=".length);
  const candidates = rest
    .filter((part) => part.startsWith("v1="))
    .map((part) => Buffer.from(part.slice("v1=".length), "hex"));
  // Only other schemes: v0 is what Stripe adds to test events, and nothing to trust.
  if (candidates.length === 0) return undefined;
  return { timestamp, signedAt: new Date(Number(timestamp) * 1_000), candidates };
}

/**
 * Whether this secret made one of the signatures over these bytes. One HMAC; every candidate is
 * compared in full, so that time tells nothing about which one or how much of it matched.
 */
export function isSignedWith(secret: string, header: SignatureHeader, body: Buffer): boolean {
  const expected = createHmac("sha256", secret)
    .update(`${header.timestamp}.`)
    .update(body)
    .digest();
  let matches = 0;
  for (const candidate of header.candidates)
    matches |= Number(timingSafeEqual(expected, candidate));
  return matches === 1;
}

const GRAMMAR = /^t=\d{1,12}(?:,v\d+=[0-9a-f]{64}){1,8}$/;
const HEADER_LENGTH_MAX = 1_024;
