import type { RawRequest } from "../adapter.ts";
import type { SigningSecret } from "../gateway.ts";
import type { Refusal, Verdict } from "../verdict.ts";
import * as diagnosis from "./diagnosis.ts";
import { envelopeOf } from "./envelope.ts";
import { parseEvent } from "./event.ts";
import { isSignedWith, parseSignatureHeader } from "./signature.ts";

/**
 * Proves a request from its raw bytes. Nothing is parsed before the signature is right, and the time
 * is judged after it, so that stale but genuine can be told from forged.
 */
export function verify(request: RawRequest, secrets: readonly SigningSecret[], now: Date): Verdict {
  const value = request.headers["stripe-signature"];
  if (!value) return refused("signature_missing", diagnosis.missingSignature(request));
  const header = parseSignatureHeader(value);
  if (!header) return refused("signature_malformed", diagnosis.malformedSignature());
  const usable = secrets.filter((each) => each.secret.trim() !== "");
  if (usable.length === 0) return refused("no_secret", diagnosis.noSecret());

  const isRight = (each: SigningSecret) => isSignedWith(each.secret, header, request.body);
  const first = usable.find(isRight);
  if (!first) {
    const why = diagnosis.mismatch(header, request.body, usable, now);
    return refused("signature_mismatch", why);
  }
  const age = Math.floor(now.getTime() / 1_000) - Number(header.timestamp);
  if (age > TOLERANCE_SECONDS) {
    return refused("timestamp_too_old", diagnosis.wrongTime(first, age));
  }
  if (age < -TOLERANCE_SECONDS) {
    return refused("timestamp_in_future", diagnosis.wrongTime(first, age));
  }

  const event = parseEvent(request.body);
  // An event that does not say its mode has that of the secret.
  const mode = event?.isLive === undefined ? first.mode : event.isLive ? "live" : "test";
  const secret =
    first.mode === mode ? first : usable.find((each) => each.mode === mode && isRight(each));
  if (!secret) {
    return refused("mode_mismatch", diagnosis.wrongMode(first, event?.isLive === true));
  }
  return {
    kind: "proven",
    mode: secret.mode,
    secretId: secret.id,
    signedAt: header.signedAt,
    event: event && envelopeOf(event),
  };
}

/** Stripe's own tolerance; unlike its SDK, both ways. */
const TOLERANCE_SECONDS = 300;

function refused(refusal: Refusal, sentence: string): Verdict {
  return { kind: "refused", refusal, diagnosis: sentence };
}
