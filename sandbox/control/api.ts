import { Hono } from "hono";
import { z } from "zod";
import type { Box } from "../box.ts";
import { advance } from "../clock/advance.ts";
import { dueSources } from "../due-sources.ts";
import { approve, refuse } from "../payments/bank.ts";
import {
  allowAppeal,
  escalateInquiry,
  loseDispute,
  openDispute,
  winDispute,
} from "../payments/disputes.ts";
import { failRefund, settleRefund } from "../payments/refunds.ts";
import { invalid, missing } from "../protocol/errors.ts";
import type { World } from "../state/world.ts";
import { asError, bodyOf } from "./body.ts";
import { endpointRoutes } from "./endpoint-routes.ts";
import { faultsChange } from "./faults.ts";
import { changeSettings, settingsOf } from "./settings.ts";
import { readSnapshot, reset, restoreSnapshot, takeSnapshot } from "./snapshots.ts";
import { stateOf } from "./state.ts";

const NOBODY = { id: null, idempotency_key: null };

const clockBody = z.union([
  z.strictObject({ to: z.number().int().positive() }),
  z.strictObject({ by: z.number().int().positive() }),
]);
const days = z.number().int().min(0).max(60);
const settingsBody = z.strictObject({
  retryDays: z.array(days).max(8).optional(),
  afterRetries: z.enum(["cancel", "unpaid", "past_due"]).optional(),
  draftHours: z.number().min(0).max(72).optional(),
  upcomingDays: days.optional(),
  retryMilliseconds: z.array(z.number().int().min(0).max(3_600_000)).max(16).optional(),
});
const disputeBody = z.strictObject({
  charge: z.string(),
  reason: z.string().optional(),
  inquiry: z.boolean().optional(),
});
const nextChargeBody = z.strictObject({ outcome: z.enum(["fails", "asks"]).nullable() });
const resetBody = z.strictObject({ keepAccount: z.boolean().default(true) });

/** The sandbox's own API under `/_sandbox/api`, in JSON: what its control page does, and tests. */
export function controlApi(box: Box): Hono {
  const { world, courier, faults } = box;
  const app = new Hono();
  app.onError(asError);
  app.get("/state", (context) => context.json(stateOf(box)));
  app.get("/requests", (context) => context.json(box.calls.all().toReversed()));
  app.get("/faults", (context) => context.json(faults.now()));
  app.post("/faults", async (context) =>
    context.json(faults.change(await bodyOf(context, faultsChange))),
  );
  app.post("/settings", async (context) => {
    const { retryMilliseconds, ...given } = await bodyOf(context, settingsBody);
    if (retryMilliseconds) courier.setRetries(retryMilliseconds);
    const settings = world.act(NOBODY, () =>
      changeSettings(world, { ...settingsOf(world), ...defined(given) }),
    );
    return context.json({ ...settings, retryMilliseconds: courier.retries() });
  });
  app.post("/clock", async (context) => {
    const given = await bodyOf(context, clockBody);
    const to = "to" in given ? given.to : world.now(null) + given.by;
    if (to < world.now(null)) throw invalid("Time only moves forward.", { param: "to" });
    advance(world, dueSources, null, to);
    return context.json({ now: world.now(null) });
  });
  app.get("/snapshot", (context) => context.json(takeSnapshot(box)));
  app.post("/snapshot", async (context) => {
    restoreSnapshot(box, readSnapshot(await context.req.text()));
    return context.json(stateOf(box));
  });
  app.post("/reset", async (context) => {
    reset(box, await bodyOf(context, resetBody));
    return context.json(stateOf(box));
  });
  app.route("/", endpointRoutes(box));
  app.route("/", bankRoutes(world));
  return app;
}

/** What the bank and the card's holder do, who are no part of Stripe's API. */
function bankRoutes(world: World): Hono {
  const app = new Hono();
  const does = (work: () => object) => world.act(NOBODY, work);
  app.post("/customers/:id/next-charge", async (context) => {
    const { outcome } = await bodyOf(context, nextChargeBody);
    return context.json(does(() => setNextCharge(world, context.req.param("id"), outcome)));
  });
  app.post("/intents/:id/:answer{approve|refuse}", (context) => {
    const { id, answer } = context.req.param();
    return context.json(does(() => (answer === "approve" ? approve : refuse)(world, id)));
  });
  app.post("/disputes", async (context) => {
    const { charge, ...how } = await bodyOf(context, disputeBody);
    return context.json(does(() => openDispute(world, charge, defined(how))));
  });
  app.post("/disputes/:id/:outcome{win|lose|appeal|escalate}", (context) => {
    const { id, outcome } = context.req.param();
    const act = {
      win: winDispute,
      lose: loseDispute,
      appeal: allowAppeal,
      escalate: escalateInquiry,
    };
    return context.json(does(() => act[outcomeOf(outcome)](world, id)));
  });
  app.post("/refunds/:id/:outcome{settle|fail}", (context) => {
    const { id, outcome } = context.req.param();
    return context.json(
      does(() => (outcome === "settle" ? settleRefund(world, id) : failRefund(world, id))),
    );
  });
  return app;
}

function outcomeOf(text: string): "win" | "lose" | "appeal" | "escalate" {
  return text === "win" || text === "lose" || text === "appeal" ? text : "escalate";
}

/** Makes the next charge of each of a customer's cards fail or ask for 3-D Secure, once. */
function setNextCharge(world: World, customer: string, nextCharge: "fails" | "asks" | null) {
  if (!world.get("customer", customer)) throw missing("customer", customer);
  const methods = world.all("payment_method").filter((method) => method.customer === customer);
  if (methods.length === 0) throw invalid("This customer has no card.");
  for (const { id } of methods) {
    const card = world.get("card", id);
    if (card) world.put("card", { ...card, nextCharge });
  }
  return { customer, nextCharge, cards: methods.map(({ id }) => id) };
}

function defined<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> };
function defined(given: object): object {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
