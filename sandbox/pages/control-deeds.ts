import type { Hono } from "hono";
import type { Box } from "../box.ts";
import { nextDueAt } from "../clock/next-due.ts";
import { createRefund } from "../payments/refunds.ts";
import { StripeError } from "../protocol/errors.ts";
import { sell } from "./control-sale.ts";
import type { Sent } from "./form.ts";
import { money, sentenceOf } from "./words.ts";

/** A page of the control, and the part of it that a deed is about. */
export type Place = { readonly path: string; readonly part: string };

/** What one form of the control page does: a call of the control API, or work of its own. */
type Deed = {
  readonly place: Place;
  readonly said: (sent: Sent) => string;
  readonly call?: (sent: Sent, box: Box) => { path: string; body?: object; method?: "DELETE" };
  readonly work?: (sent: Sent, box: Box) => void;
};

const home = (part: string): Place => ({ path: "/_sandbox", part });
const traffic = (part: string): Place => ({ path: "/_sandbox/traffic", part });
const settings = (part: string): Place => ({ path: "/_sandbox/settings", part });

const DAY = 86_400;

const DEEDS: Readonly<Record<string, Deed>> = {
  advance: {
    place: home("time"),
    said: () => "Time has moved, and what was due has happened.",
    call: ({ by }, box) => ({ path: "/clock", body: { to: momentOf(by ?? "", box) } }),
  },
  sell: {
    place: home("sale"),
    said: () => "The checkout is open: see what waits for somebody.",
    work: sell,
  },
  "next-charge": {
    place: home("customers"),
    said: ({ outcome }) => NEXT_CHARGE[outcome ?? ""] ?? "The next charge goes as the card says.",
    call: ({ customer, outcome }) => ({
      path: `/customers/${customer}/next-charge`,
      body: { outcome: outcome || null },
    }),
  },
  refund: {
    place: home("customers"),
    said: () => "The payment is refunded.",
    work: ({ charge, amount }, { world }) => {
      createRefund(world, { charge, amount: minorOf(amount) });
    },
  },
  dispute: {
    place: home("customers"),
    said: () => "The payment is disputed.",
    call: ({ charge, inquiry }) => ({
      path: "/disputes",
      body: { charge, inquiry: inquiry === "yes" },
    }),
  },
  "dispute-outcome": {
    place: home("customers"),
    said: () => "The dispute goes on as the bank has decided.",
    call: ({ dispute, outcome }) => ({ path: `/disputes/${dispute}/${outcome}` }),
  },
  "refund-outcome": {
    place: home("customers"),
    said: () => "The refund has gone on.",
    call: ({ refund, outcome }) => ({ path: `/refunds/${refund}/${outcome}` }),
  },
  "add-endpoint": {
    place: traffic("endpoints"),
    said: () => "The endpoint is there. Its secret is below.",
    call: ({ url = "", events = "" }) => ({
      path: "/endpoints",
      body: { url: url.trim(), enabled_events: words(events) },
    }),
  },
  "remove-endpoint": {
    place: traffic("endpoints"),
    said: () => "The endpoint is gone.",
    call: ({ endpoint }) => ({ path: `/endpoints/${endpoint}`, method: "DELETE" }),
  },
  "roll-secret": {
    place: traffic("endpoints"),
    said: () => "There is a new secret; the old one signs beside it for a day.",
    call: ({ endpoint }) => ({ path: `/endpoints/${endpoint}/roll`, body: { keepSeconds: DAY } }),
  },
  resend: {
    place: traffic("deliveries"),
    said: () => "The event is sent again.",
    call: ({ delivery }) => ({ path: `/deliveries/${delivery}/resend` }),
  },
  faults: {
    place: settings("faults"),
    said: () => "The faults are switched.",
    call: (sent) => ({ path: "/faults", body: faultsOf(sent) }),
  },
  "no-faults": {
    place: settings("faults"),
    said: () => "Nothing goes wrong on purpose any more.",
    call: () => ({ path: "/faults", body: faultsOf({}) }),
  },
  dunning: {
    place: settings("dunning"),
    said: () => "Failed renewals are tried like this from now on.",
    call: ({ retryDays = "", afterRetries }) => ({
      path: "/settings",
      body: { retryDays: words(retryDays).map(Number), afterRetries },
    }),
  },
  reset: {
    place: settings("state"),
    said: () => "Everything is forgotten.",
    call: ({ sure, everything }) => {
      if (sure !== "yes") throw refusal("Tick the box to say that you are sure.");
      return { path: "/reset", body: { keepAccount: everything !== "yes" } };
    },
  },
};

const NEXT_CHARGE: Readonly<Record<string, string>> = {
  fails: "The next charge of this customer fails.",
  asks: "The next charge of this customer asks for 3-D Secure.",
};

export type Outcome = { readonly place: Place; readonly said?: string; readonly trouble?: string };

/** Does what a form of the control page asks for; undefined where no form is called that. */
export async function doDeed(
  name: string,
  sent: Sent,
  box: Box,
  api: Hono,
): Promise<Outcome | undefined> {
  const deed = Object.hasOwn(DEEDS, name) ? DEEDS[name] : undefined;
  if (!deed) return undefined;
  try {
    box.tick();
    if (deed.work) {
      const { work } = deed;
      box.world.act({ id: null, idempotency_key: null }, () => work(sent, box));
    }
    if (deed.call) {
      const { path, body = {}, method = "POST" } = deed.call(sent, box);
      const trouble = await troubleOf(
        await api.request(path, { method, body: method === "POST" ? JSON.stringify(body) : null }),
      );
      if (trouble !== undefined) return { place: deed.place, trouble };
    }
    return { place: deed.place, said: deed.said(sent) };
  } catch (error) {
    return { place: deed.place, trouble: sentenceOf(error) };
  }
}

/** Why the control API refused, if it did. */
export async function troubleOf(answer: Response): Promise<string | undefined> {
  if (answer.ok) return undefined;
  const said: unknown = await answer.json().catch(() => null);
  const error = memberOf(said, "error");
  const message = memberOf(error, "message");
  return typeof message === "string" ? message : `The sandbox answered ${answer.status}.`;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function refusal(message: string): StripeError {
  return new StripeError(400, { type: "invalid_request_error", message });
}

/** The moment that a button of the clock means, or that was written as a date. */
function momentOf(by: string, { world }: Box): number {
  const now = world.now(null);
  switch (by) {
    case "day":
      return now + DAY;
    case "week":
      return now + 7 * DAY;
    case "month":
      return monthAfter(now);
    case "next": {
      const next = nextDueAt(world, null);
      if (next === undefined) throw refusal("Nothing is due.");
      return Math.max(next, now);
    }
    default: {
      const written = Date.parse(`${by}Z`) / 1_000;
      if (Number.isNaN(written)) throw refusal("Enter a date and a time.");
      return Math.floor(written);
    }
  }
}

/** The same day of the next month, or its last day. */
function monthAfter(seconds: number): number {
  const at = new Date(seconds * 1_000);
  const date = at.getUTCDate();
  at.setUTCDate(1);
  at.setUTCMonth(at.getUTCMonth() + 1);
  const last = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate();
  at.setUTCDate(Math.min(date, last));
  return Math.floor(at.getTime() / 1_000);
}

/** Shares are written in per cent; a field that is empty switches its fault off. */
function faultsOf(sent: Sent) {
  const share = (name: string) => Number(sent[name] || 0) / 100;
  const whole = (name: string, otherwise: number) => Number(sent[name] || otherwise);
  return {
    seed: whole("seed", 1),
    deliveries: {
      duplicate: share("duplicate"),
      reorder: whole("reorder", 0),
      delay: share("delay"),
      delayMilliseconds: whole("delayMilliseconds", 1_000),
      drop: share("drop"),
      badSignature: share("badSignature"),
    },
    calls: {
      error: share("error"),
      rateLimit: share("rateLimit"),
      timeout: share("timeout"),
      timeoutMilliseconds: whole("timeoutMilliseconds", 30_000),
    },
  };
}

/** An amount in the smallest unit; empty means all of it. */
function minorOf(text: string | undefined): number | undefined {
  if (!text?.trim()) return undefined;
  if (!/^\d+$/.test(text.trim())) {
    throw refusal(`Enter the amount in the smallest unit: 500 is ${money(500, "usd")}.`);
  }
  return Number(text);
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}
