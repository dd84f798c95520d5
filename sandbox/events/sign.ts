import { createHmac } from "node:crypto";

/** `Stripe-Signature` for a body at a moment, with one `v1` for each secret. */
export function signatureOf(body: string, secrets: readonly string[], at: number): string {
  const proofs = secrets.map(
    (secret) => `v1=${createHmac("sha256", secret).update(`${at}.${body}`).digest("hex")}`,
  );
  return [`t=${at}`, ...proofs].join(",");
}
