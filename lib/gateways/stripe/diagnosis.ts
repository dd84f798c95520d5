import type { RawRequest } from "../adapter.ts";
import type { SigningSecret } from "../gateway.ts";
import { isSignedWith, type SignatureHeader } from "./signature.ts";

/** Why a request has no Stripe signature, for an administrator. */
export function missingSignature(request: RawRequest): string {
  const foreign = FOREIGN_HEADERS.find((name) => request.headers[name] !== undefined);
  if (foreign) {
    return `There is no Stripe-Signature header, but one called ${foreign}: this was meant for another gateway's address.`;
  }
  return "There is no Stripe-Signature header: the request is not from Stripe, or a proxy in between strips Stripe-Signature.";
}

/** Why a signature header was not even tried. */
export function malformedSignature(): string {
  return (
    "The Stripe-Signature header is not of Stripe's form (t=seconds,v1=64 lower-case hex digits): " +
    "the request is not from Stripe, or something in between rewrote or repeated the header."
  );
}

export function noSecret(): string {
  return (
    "No signing secret is active, so nothing can be believed. Copy the endpoint's signing secret from " +
    "Stripe (it starts with whsec_) into the gateway settings; Stripe delivers again by itself."
  );
}

/** A genuine request at the wrong time. Positive is the past. */
export function wrongTime(secret: SigningSecret, ageSeconds: number): string {
  const distance = duration(Math.abs(ageSeconds));
  return ageSeconds > 0
    ? `The signature is right (${secret.mode} secret), but it was made ${distance} ago and at most 5 minutes are accepted. Check this server's clock; if it is right, this is an old request sent again.`
    : `The signature is right (${secret.mode} secret), but it was made ${distance} in the future and at most 5 minutes are accepted. Check this server's clock: it is probably slow.`;
}

export function wrongMode(secret: SigningSecret, isLive: boolean): string {
  const told = isLive ? "live" : "test";
  return (
    `The ${secret.mode} secret matches, but the event says that it is of ${told} mode (livemode ${isLive}). ` +
    `The secret was probably stored under the wrong mode: add it as a ${told} secret.`
  );
}

/**
 * Why no secret made this signature. Looks for an altered body first, which costs a few more HMACs:
 * not for large bodies, and only so often in one second, so that a flood of forgeries stays cheap.
 */
export function mismatch(
  header: SignatureHeader,
  body: Buffer,
  secrets: readonly SigningSecret[],
  now: Date,
): string {
  const altered = mayExamine(body, now) ? findAlteration(header, body, secrets) : undefined;
  if (altered) {
    return `A proxy or framework altered the body: the ${altered.secret.mode} secret matches ${altered.how}. Stripe signs the exact bytes, so they must arrive untouched.`;
  }
  const test = secrets.filter((secret) => secret.mode === "test").length;
  return (
    `No active signing secret made this signature (tried ${test} test and ${secrets.length - test} live). ` +
    "Compare with the signing secret of this very endpoint in Stripe (it starts with whsec_): every endpoint " +
    "has one of its own, and so has `stripe listen`. Else the body was altered on the way, or the request is forged."
  );
}

function findAlteration(
  header: SignatureHeader,
  body: Buffer,
  secrets: readonly SigningSecret[],
): { secret: SigningSecret; how: string } | undefined {
  for (const { how, bytes } of likelyOriginals(body)) {
    const secret = secrets.find((each) => isSignedWith(each.secret, header, bytes));
    if (secret) return { secret, how };
  }
  return undefined;
}

/** What the body may have been before something "tidied" it. */
function likelyOriginals(body: Buffer): { how: string; bytes: Buffer }[] {
  const text = body.toString("latin1");
  const originals = [
    { how: "with a newline at the end", bytes: Buffer.from(`${text}\n`, "latin1") },
  ];
  const trimmed = text.trim();
  if (trimmed !== text) {
    originals.push({
      how: "without the white space around it",
      bytes: Buffer.from(trimmed, "latin1"),
    });
  }
  if (text.includes("\r\n")) {
    const unix = text.replaceAll("\r\n", "\n");
    originals.push({ how: "with LF for CR LF line ends", bytes: Buffer.from(unix, "latin1") });
  }
  if (text.startsWith("\u00ef\u00bb\u00bf")) {
    originals.push({
      how: "without the byte order mark before it",
      bytes: Buffer.from(body.subarray(3)),
    });
  }
  return originals;
}

function mayExamine(body: Buffer, now: Date): boolean {
  if (body.length > EXAMINED_BYTES_MAX) return false;
  const second = Math.floor(now.getTime() / 1_000);
  if (examined.second !== second) examined = { second, count: 0 };
  examined.count += 1;
  return examined.count <= EXAMINED_PER_SECOND_MAX;
}

let examined = { second: 0, count: 0 };

function duration(seconds: number): string {
  for (const [unit, length] of UNITS) {
    const count = Math.floor(seconds / length);
    if (count >= 2) return `${count} ${unit}s`;
  }
  return `${seconds} seconds`;
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

const EXAMINED_BYTES_MAX = 262_144;
const EXAMINED_PER_SECOND_MAX = 20;
const FOREIGN_HEADERS = [
  "webhook-signature",
  "x-mollie-signature",
  "paypal-transmission-sig",
  "svix-signature",
] as const;
