import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import * as make from "./stripe-objects.ts";

/** What is written on a connection, and the bodies in it that bear a right signature. */
export type Hostile = { readonly bytes: Buffer; readonly proven: readonly Buffer[] };

/** Recorded events lie beside the project on some machines, and are never part of it. */
const FOLDER = path.resolve(import.meta.dirname, "../../../shared/fixtures/stripe/events");
const recorded = existsSync(FOLDER)
  ? readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".json"))
      .sort()
      .map((name) => readFileSync(path.join(FOLDER, name)))
      .filter((body) => body.length < 20_000)
  : [];

const bases = [
  ["customer.subscription.updated", make.subscription()],
  ["customer.subscription.deleted", make.subscription({ status: "canceled" })],
  ["invoice.paid", make.invoice()],
  ["payment_intent.succeeded", make.paymentIntent()],
  ["charge.refunded", make.charge({ amount_refunded: 900 })],
  ["refund.created", make.refund({ amount: 900 })],
  ["charge.dispute.created", make.dispute()],
  ["checkout.session.completed", make.checkoutSession()],
  ["customer.updated", make.customer()],
  ["price.updated", make.price()],
  ["product.updated", make.product()],
] as const;

const odd = fc.oneof(
  fc.constantFrom<unknown>(null, true, "", "sub_1", -1, 2 ** 53, "__proto__", "\u0000", "\ud800"),
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: "binary", maxLength: 20 }),
);

/** An event of ours, some of whose members say something else. */
const spoiltEvent = fc
  .record({
    base: fc.constantFrom(...bases),
    ref: fc.nat(40),
    own: fc.dictionary(fc.constantFrom("id", "type", "created", "account", "livemode"), odd, {
      maxKeys: 1,
    }),
    inner: fc.array(fc.tuple(fc.nat(40), odd), { maxLength: 3 }),
    name: fc.uuid(),
  })
  .map(({ base: [type, object], ref, own, inner, name }) => {
    const names = Object.keys(object);
    const changes = Object.fromEntries(inner.map(([nth, v]) => [names[nth % names.length], v]));
    const told = { ...object, id: `${object.id}_${ref}`, ...changes };
    return make.bodyOf({ ...make.event(type, told), id: `evt_${name}`, ...own });
  });

const eventBody = recorded.length
  ? fc.oneof({ weight: 4, arbitrary: spoiltEvent }, fc.constantFrom(...recorded))
  : spoiltEvent;

type Damage = { at: number; kind: "flip" | "cut" | "insert" | "double"; byte: number };
const damage: fc.Arbitrary<Damage> = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom("flip", "cut", "insert", "double"),
  byte: fc.nat(255),
});

function damaged(bytes: Buffer, { at, kind, byte }: Damage): Buffer {
  const place = bytes.length ? at % bytes.length : 0;
  const [front, rest] = [bytes.subarray(0, place), bytes.subarray(place)];
  if (kind === "cut") return Buffer.from(front);
  if (kind === "insert") return Buffer.concat([front, Buffer.from([byte]), rest]);
  if (kind === "double") return Buffer.concat([bytes, rest]);
  return Buffer.concat([front, Buffer.from([(rest[0] ?? 0) ^ (byte || 1)]), rest.subarray(1)]);
}

const body = fc.oneof(
  { weight: 6, arbitrary: eventBody },
  { weight: 3, arbitrary: fc.tuple(eventBody, damage).map(([whole, how]) => damaged(whole, how)) },
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom("", "null", "[]", "[".repeat(5_000), '{"id":1}').map((text) => Buffer.from(text)),
);

/** One part of a request at a time is hostile, as a rule: else nothing would get as far as the next. */
function mostly<Usual, Odd>(usual: Usual, arbitrary: fc.Arbitrary<Odd>): fc.Arbitrary<Usual | Odd> {
  return fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary });
}

const signaturePart = fc.constantFrom(
  ...["t=", "v1=", "v0=", ",", "RIGHT", "NOW", " ", "=", "é", "0".repeat(64), "1e9", "-1", ";"],
  "t=NOW,v1=RIGHT",
);
/** The header that Stripe would send; one put together from its parts; one of another gateway; none. */
const signature = fc.oneof(
  { weight: 15, arbitrary: fc.constant("Stripe-Signature: t=NOW,v1=RIGHT") },
  fc.array(signaturePart, { maxLength: 8 }).map((parts) => `Stripe-Signature: ${parts.join("")}`),
  fc.constantFrom(
    "X-None: 1",
    "Stripe-Signature:",
    "Stripe-Signature: t=NOW,v1=RIGHT\r\nStripe-Signature: t=NOW,v1=RIGHT",
    "stripe-signature:t=NOW,v1=00\r\nWebhook-Signature: v1,RIGHT",
    "X-Mollie-Signature: sha256=RIGHT",
  ),
);

const method = mostly(
  "POST",
  fc.constantFrom("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PURGE", "post", "CONNECT"),
);
const address = mostly(
  "/api/webhooks/stripe",
  fc.constantFrom(
    ...["/api/webhooks/stripe/", "/api/webhooks/stripe?a=%00", "/api/webhooks/stripe/../mollie"],
    ...["/api/webhooks/", "/api/webhooks/__proto__", "/api/webhooks/%2e%2e", "//api/webhooks/x"],
    ...["http://elsewhere/api/webhooks/stripe", "*", "/", "/api/webhooks/STRIPE", "/%"],
  ),
);
const extra = fc.oneof(
  fc.constantFrom(
    ...["Content-Type: text/html", "Content-Encoding: gzip", "Content-Encoding: identity"],
    ...["Expect: 100-continue", "Expect: else", "Upgrade: websocket\r\nConnection: Upgrade"],
    ...["X-Forwarded-For: 1.2.3.4, evil", "X-Request-Id: \u00ff", "Transfer-Encoding: chunked"],
    ...["Content-Length: 3", "Connection: close", "TE: trailers", "X-Long: ".padEnd(17_000, "a")],
    ...["Host: other", "Cookie: a=b", "Date: \u0001", "User-Agent: \ud83d\ude00", "Via: 1.1 x"],
  ),
  fc.string({ unit: "binary-ascii", maxLength: 40 }).map((text) => `X-Odd: ${text}`),
);

/** How the body is framed: by its length, by one that is not its own, or in chunks. */
const framing = fc.oneof(
  { weight: 12, arbitrary: fc.constant("length") },
  fc.constantFrom("short", "long", "none"),
  fc.record({
    sizes: fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }),
    end: fc.nat(3),
  }),
);

const request = fc
  .record({
    method,
    address,
    body,
    after: mostly(undefined, damage),
    secret: mostly(make.testSecret.secret, fc.constant("whsec_forged0000000")),
    signature,
    extras: mostly([], fc.array(extra, { minLength: 1, maxLength: 2 })),
    framing,
  })
  .map((parts): Hostile => {
    const now = String(Math.floor(Date.now() / 1_000));
    const right = make.hmac(parts.body, parts.secret, now);
    const sent = parts.after ? damaged(parts.body, parts.after) : parts.body;
    const [frame, content] = framed(sent, parts.framing);
    const lines = [
      `${parts.method} ${parts.address} HTTP/1.1`,
      "Host: here",
      ...frame,
      parts.signature.replaceAll("NOW", now).replaceAll("RIGHT", right),
      ...parts.extras,
    ];
    const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
    const isProven = parts.secret === make.testSecret.secret;
    return { bytes: Buffer.concat([head, content]), proven: isProven ? [parts.body] : [] };
  });

function framed(bytes: Buffer, how: string | { sizes: number[]; end: number }): [string[], Buffer] {
  if (how === "none") return [[], bytes];
  if (typeof how === "string") {
    const off = how === "short" ? -3 : how === "long" ? 3 : 0;
    return [[`Content-Length: ${Math.max(bytes.length + off, 0)}`], bytes];
  }
  const chunks: Buffer[] = [];
  for (let at = 0, nth = 0; at < bytes.length; nth += 1) {
    const size = how.sizes[nth % how.sizes.length] ?? 1;
    const part = bytes.subarray(at, at + size);
    chunks.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n"));
    at += size;
  }
  const end =
    ["0\r\n\r\n", "0\r\nX-Trailer: a\r\n\r\n", "0;ext=1\r\n\r\n", "-1\r\n\r\n"][how.end] ?? "";
  return [["Transfer-Encoding: chunked"], Buffer.concat([...chunks, Buffer.from(end)])];
}

/** What one sender writes on one connection: requests behind each other, now and then plain noise. */
export const hostileConnection: fc.Arbitrary<Hostile> = fc
  .array(
    fc.oneof(
      { weight: 30, arbitrary: request },
      fc
        .uint8Array({ maxLength: 60 })
        .map((noise): Hostile => ({ bytes: Buffer.from(noise), proven: [] })),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((parts) => ({
    bytes: Buffer.concat(parts.map(({ bytes }) => bytes)),
    proven: parts.flatMap(({ proven }) => proven),
  }));
