import { createHash, randomBytes, randomFillSync } from "node:crypto";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const TIME_LENGTH = 10;
const RANDOM_LENGTH = 16;

/** What an id is for; it is the first part of the id itself, so that a pasted id says what it is. */
export type IdKind =
  | "usr" // user
  | "ses" // sign-in session
  | "org" // organization
  | "inv" // invitation
  | "rst" // password reset
  | "key" // platform API key
  | "aud" // audit entry
  | "con" // gateway connection
  | "sec" // signing secret
  | "tir" // tier
  | "pln" // plan
  | "prc" // price
  | "prd" // one-time product
  | "gev" // stored gateway event
  | "rfd" // refused request
  | "syn" // sync
  | "rbd" // rebuild
  | "cus" // customer link
  | "sub" // subscription
  | "ivc" // invoice
  | "pay" // payment
  | "dsp" // dispute
  | "pmt" // payment method
  | "chk" // checkout
  | "tch" // tier change
  | "cmp" // comp
  | "qte" // quote of a change
  | "cmd" // command to a gateway
  | "plk" // link into the portal
  | "imp" // import from a gateway
  | "crd" // reading of a gateway's catalogue
  | "ord" // order of a one-time product
  | "ntc" // notice
  | "alr"; // alert

/** A new id: kind, then 48 bits of time, then 80 random bits, so that ids sort by their making. */
export function newId(kind: IdKind, now: Date = new Date()): string {
  let time = now.getTime();
  let head = "";
  for (let i = 0; i < TIME_LENGTH; i++) {
    head = ALPHABET.charAt(time % 32) + head;
    time = Math.floor(time / 32);
  }
  if (unused === pool.length) {
    randomFillSync(pool);
    unused = 0;
  }
  let tail = "";
  for (const end = unused + RANDOM_LENGTH; unused < end; unused++) {
    tail += ALPHABET.charAt((pool[unused] ?? 0) & 31);
  }
  return `${kind}_${head}${tail}`;
}

/** Randomness for many ids: to ask for it each time would cost more than all the rest of an id. */
const pool = Buffer.alloc(256 * RANDOM_LENGTH);
let unused = pool.length;

/** When an id was made, by the maker's clock; undefined for what is not an id of ours. */
export function timeOfId(id: string): Date | undefined {
  const match = /^[a-z]{3}_([0-9a-hjkmnp-tv-z]{10})[0-9a-hjkmnp-tv-z]{16}$/.exec(id);
  if (!match?.[1]) return undefined;
  let time = 0;
  for (const letter of match[1]) time = time * 32 + ALPHABET.indexOf(letter);
  return new Date(time);
}

/** A secret for a link or a key: 192 random bits that survive a URL. */
export function newToken(): string {
  return randomBytes(24).toString("base64url");
}

/** How tokens and keys are kept: never themselves, only this. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
