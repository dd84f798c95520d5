import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide, decideTier } from "#lib/billing/rules.ts";
import type { Decision, Effect, OwnedSnapshot, State } from "#lib/billing/state.ts";
import { settings, twice } from "#tests/support/billing-arbitraries.ts";
import {
  applied,
  checkout,
  customer,
  dispute,
  entitling,
  inDays,
  invoice,
  organization,
  payment,
  state,
  subscription,
  unpaidInvoice,
} from "#tests/support/billing-state.ts";

/** The state that a snapshot leaves, for what is said of the same object next. */
function holding(before: State, snapshot: OwnedSnapshot): State {
  return applied(before, decide(before, snapshot));
}

function kinds({ effects }: Decision): string[] {
  return effects.map(({ kind }) => kind);
}

function only<Kind extends Effect["kind"]>({ effects }: Decision, kind: Kind) {
  return effects.filter((effect): effect is Extract<Effect, { kind: Kind }> => {
    return effect.kind === kind;
  });
}

function inWords({ changes }: Decision): string[] {
  return changes.map(({ record, field, before, after: to }) => {
    return `${record}: ${field} ${before ?? "none"} → ${to ?? "none"}`;
  });
}

const onPro = organization({ tierId: "tir_pro" });

describe("a new subscription", () => {
  test("is saved, moves the organization's tier, and is told in words", () => {
    const decision = decide(state(), subscription());

    expect(kinds(decision)).toEqual(["save_subscription", "set_tier"]);
    expect(only(decision, "set_tier")).toEqual([
      {
        kind: "set_tier",
        fromTierId: "tir_free",
        tierId: "tir_pro",
        validUntil: null,
        because: "Subscription sub_1 is active on Pro monthly.",
      },
    ]);
    expect(inWords(decision)).toEqual([
      "subscription sub_1: status none → active",
      "subscription sub_1: plan none → Pro monthly",
      "subscription sub_1: quantity none → 1",
      "subscription sub_1: period end none → 2026-08-04T12:00:00Z",
      "subscription sub_1: organization none → Acme",
      "subscription sub_1: price none → price_pro",
      "subscription sub_1: provisional none → no",
      "organization Acme: tier Free → Pro",
    ]);
  });

  test("of several items has the plan with the highest tier, wherever it stands", () => {
    const items = ["price_seats", "price_pro", "price_business"].map((priceRef, at) => ({
      priceRef,
      quantity: at + 1,
    }));
    const main = { planId: "pln_business", priceRef: "price_business", quantity: 3 };

    for (const order of [items, items.toReversed()]) {
      const [save] = only(decide(state(), subscription({ items: order })), "save_subscription");
      expect(save?.row).toMatchObject({ ...main, items: order });
    }
  });

  test("has the plan that its checkout sold, while nothing else tells of it", () => {
    const told = subscription({ items: [] });
    const before = state({ provisional: { planId: "pln_business" } });

    const [save] = only(decide(before, told), "save_subscription");

    expect(save?.row).toMatchObject({ planId: "pln_business", isProvisional: true });
  });
});

describe("a subscription that is held", () => {
  const held = holding(state(), subscription());

  test("tells only what differs: a plan by its name, a status without underscores", () => {
    const moved = subscription({
      status: "past_due",
      items: [{ priceRef: "price_business", quantity: 1 }],
    });

    expect(inWords(decide(held, moved))).toEqual([
      "subscription sub_1: status active → past due",
      "subscription sub_1: plan Pro monthly → Business monthly",
      "subscription sub_1: price price_pro → price_business",
      "organization Acme: tier Pro → Business",
    ]);
  });

  test("is saved where only something differs that is not told, and says so", () => {
    const decision = decide(held, subscription({ latestInvoiceRef: "in_2" }));

    expect(kinds(decision)).toEqual(["save_subscription"]);
    expect(inWords(decision)).toEqual(["subscription sub_1: details none → new"]);
  });

  test("moves the end of the tier, without a word on the tier, when it is to be cancelled", () => {
    const decision = decide(held, subscription({ cancelAt: inDays(20) }));

    expect(only(decision, "set_tier")).toMatchObject([
      { fromTierId: "tir_pro", tierId: "tir_pro", validUntil: inDays(20) },
    ]);
    expect(inWords(decision)).toEqual([
      "subscription sub_1: cancels at none → 2026-08-04T12:00:00Z",
    ]);
  });

  test("is replaced in the tier by what is said now, not counted twice", () => {
    const decision = decide(held, subscription({ status: "unpaid" }));

    expect(only(decision, "set_tier")).toMatchObject([
      { tierId: "tir_free", because: "Subscription sub_1 is unpaid." },
    ]);
  });
});

describe("grace of a past-due subscription", () => {
  const pastDue = subscription({ status: "past_due", asOf: inDays(-1) });
  const again = { ...pastDue, asOf: inDays(0) };
  const savedSince = (decision: Decision) =>
    only(decision, "save_subscription").map(({ row }) => row.pastDueSince);

  test("counts from the first answer that said so, however often it is fetched", () => {
    const held = holding(state({ source: "fetch" }), pastDue);

    expect(held.organization?.tierValidUntil).toEqual(inDays(6));
    expect(kinds(decide(held, again))).toEqual([]);
  });

  test("counts from the newest payload, whichever came before it", () => {
    const before = state({ source: "payload" });

    expect(savedSince(decide(before, again))).toEqual([inDays(0)]);
    expect(savedSince(decide(holding(before, pastDue), again))).toEqual([inDays(0)]);
  });

  test("is forgotten once it is paid", () => {
    const held = holding(state({ source: "fetch" }), pastDue);

    expect(savedSince(decide(held, subscription()))).toEqual([null]);
  });

  test("counts from an unpaid invoice as soon as one is told", () => {
    const before = state({ ...holding(state(), pastDue), held: undefined });

    const decision = decide(before, unpaidInvoice({ issuedAt: inDays(-5) }));

    expect(only(decision, "set_tier")).toMatchObject([{ validUntil: inDays(2) }]);
  });

  test("counts from the oldest of several unpaid invoices", () => {
    const unpaidSince = new Map([["sub_1", inDays(-6)]]);
    const before = state({ ...holding(state(), pastDue), held: undefined, unpaidSince });

    const decision = decide(before, unpaidInvoice({ issuedAt: inDays(-5) }));

    expect(only(decision, "set_tier")).toMatchObject([{ validUntil: inDays(1) }]);
  });

  test("does not count from an invoice that is paid", () => {
    const before = state({ ...holding(state(), pastDue), held: undefined });

    expect(only(decide(before, invoice({ issuedAt: inDays(-5) })), "set_tier")).toEqual([]);
  });
});

describe("a subscription whose price is in no plan", () => {
  const unmapped = (what: Parameters<typeof subscription>[0] = {}) =>
    subscription({ items: [{ priceRef: "price_new", quantity: 1 }], ...what });

  test("is saved, leaves the tier as it is, and says why", () => {
    const decision = decide(state({ organization: onPro }), unmapped());

    expect(kinds(decision)).toEqual(["save_subscription"]);
    expect(decision.reason).toEqual({
      code: "price_in_no_plan",
      sentence: "price_new is in no plan, so the tier stays as it is.",
    });
  });

  test("says so even where it changes nothing", () => {
    const held = holding(state(), unmapped());

    expect(decide(held, unmapped())).toMatchObject({
      effects: [],
      reason: { code: "price_in_no_plan" },
    });
  });

  test("does not say that the tier stays where it entitles to nothing", () => {
    const decision = decide(state({ organization: onPro }), unmapped({ status: "unpaid" }));

    expect(decision.reason?.sentence).toBe("price_new is in no plan.");
    expect(only(decision, "set_tier")).toMatchObject([{ tierId: "tir_free" }]);
  });

  test("says that no price is named where there is none", () => {
    expect(decide(state(), subscription({ items: [] })).reason?.sentence).toBe(
      "The subscription names no price, so the tier stays as it is.",
    );
  });

  test.each(["canceled", "incomplete"] as const)("needs no plan while it is %s", (status) => {
    expect(decide(state(), unmapped({ status })).reason).toBeUndefined();
  });
});

describe("an invoice", () => {
  test("is told by its number, with money as people write it", () => {
    const held = holding(state(), unpaidInvoice({ attemptCount: 0, nextAttemptAt: null }));

    expect(inWords(decide(held, invoice()))).toEqual([
      "invoice ACME-0001: status open → paid",
      "invoice ACME-0001: paid €0.00 → €29.00",
      "invoice ACME-0001: remaining €29.00 → €0.00",
      "invoice ACME-0001: payment attempts 0 → 1",
    ]);
  });

  test.each([
    ["jpy", "¥2,900"],
    ["kwd", "KWD 2.900"],
  ])("in %s is told in its own smallest unit", (currency, total) => {
    const told = decide(state(), invoice({ currency, number: null }));

    expect(inWords(told).map((line) => line.replaceAll("\u00a0", " "))).toContain(
      `invoice in_1: total none → ${total}`,
    );
  });

  test("keeps its lines, their periods as text", () => {
    const line = {
      description: "Pro monthly",
      amountMinor: 2900,
      quantity: 1,
      priceRef: "price_pro",
      isProration: false,
      periodStart: inDays(-1),
      periodEnd: null,
    };

    const [save] = only(decide(state(), invoice({ lines: [line] })), "save_invoice");

    expect(save?.row.lines).toEqual([{ ...line, periodStart: "2026-07-14T12:00:00.000Z" }]);
  });
});

describe("a notice of a failed payment", () => {
  const noticesOf = (what: Parameters<typeof unpaidInvoice>[0]) =>
    only(decide(state(), unpaidInvoice(what)), "notice");

  test("is given for an open invoice that was tried, under its name and attempt", () => {
    expect(noticesOf({ attemptCount: 2 })).toEqual([
      { kind: "notice", notice: "payment_failed", object: "stripe:test:in_1", attempt: 2 },
    ]);
  });

  test("keeps its name when it is said again, and gets another with the next attempt", () => {
    const held = holding(state(), unpaidInvoice());
    const attempts = (attemptCount: number) =>
      only(decide(held, unpaidInvoice({ attemptCount })), "notice").map((each) => each.attempt);

    expect(attempts(1)).toEqual([1]);
    expect(attempts(2)).toEqual([2]);
  });

  test.each([
    ["that nobody tried to collect", { attemptCount: 0 }],
    ["that is paid", { status: "paid" }],
    ["that is void", { status: "void" }],
    ["that is given up", { status: "uncollectible" }],
    ["of which nothing remains", { amountRemainingMinor: 0 }],
    ["of 60 days ago", { issuedAt: inDays(-60) }],
    ["that was never issued", { issuedAt: null }],
  ] as const)("is not given for an invoice %s", (_what, what) => {
    expect(noticesOf(what)).toEqual([]);
  });
});

describe("a notice that a trial ends", () => {
  const trial = (what: Parameters<typeof subscription>[0]) =>
    only(decide(state(), subscription({ status: "trialing", ...what })), "notice");

  test.each([3, 0.01])("is given when it ends in %d days, under the moment of its end", (days) => {
    expect(trial({ trialEnd: inDays(days) })).toEqual([
      {
        kind: "notice",
        notice: "trial_ending",
        object: "stripe:test:sub_1",
        attempt: inDays(days).getTime() / 1000,
      },
    ]);
  });

  test.each([
    ["more than three days before", { trialEnd: inDays(3.01) }],
    ["after it ended", { trialEnd: inDays(0) }],
    ["where nothing says when", { trialEnd: null }],
    ["where it will not go on", { trialEnd: inDays(2), cancelAt: inDays(2) }],
    ["once it is paid for", { status: "active", trialEnd: inDays(2) }],
  ] as const)("is not given %s", (_what, what) => {
    expect(trial(what)).toEqual([]);
  });
});

describe("a notice of a cancelled subscription", () => {
  const canceled = (endedAt: Date | null) => subscription({ status: "canceled", endedAt });

  test("is given when it ends", () => {
    const decision = decide(holding(state(), subscription()), canceled(inDays(0)));

    expect(only(decision, "notice")).toEqual([
      {
        kind: "notice",
        notice: "subscription_canceled",
        object: "stripe:test:sub_1",
        attempt: 0,
      },
    ]);
  });

  test("is given where it is heard of only then", () => {
    expect(kinds(decide(state(), canceled(inDays(-59))))).toContain("notice");
  });

  test("is not given again for what is held as cancelled", () => {
    const held = holding(state(), canceled(inDays(0)));

    expect(kinds(decide(held, { ...canceled(inDays(0)), canceledAt: inDays(-1) }))).toEqual([
      "save_subscription",
    ]);
  });

  test.each([
    ["60 days ago", inDays(-60)],
    ["nobody knows when", null],
  ])("is not given for history: it ended %s", (_what, endedAt) => {
    expect(kinds(decide(holding(state(), subscription()), canceled(endedAt)))).not.toContain(
      "notice",
    );
  });
});

describe.each([
  ["a checkout", checkout(), checkout({ isPaid: false })],
  ["an invoice", invoice(), invoice({ status: "open" })],
] as const)("the subscription that %s names", (_what, snapshot, before) => {
  const refs = [{ type: "subscription", ref: "sub_1" }];
  const rings = (what: Partial<State>) => only(decide(state(what), snapshot), "ring");

  test("is rung to be fetched, unless it is known", () => {
    for (const isSubscriptionDescribed of [true, false]) {
      expect(rings({ source: "fetch", isSubscriptionDescribed })).toEqual([
        { kind: "ring", refs, evenIfKnown: false },
      ]);
    }
  });

  test("is rung by payloads with each news, while no event of its own describes it", () => {
    const undescribed = state({ isSubscriptionDescribed: false });
    const held = holding(undescribed, before);

    expect(only(decide(held, snapshot), "ring")).toEqual([
      { kind: "ring", refs, evenIfKnown: true },
    ]);
  });

  test("is not rung by payloads that bring no news", () => {
    const undescribed = state({ isSubscriptionDescribed: false });

    expect(kinds(decide(holding(undescribed, snapshot), snapshot))).toEqual([]);
  });

  test("is not rung by payloads once an event of its own describes it", () => {
    expect(rings({ isSubscriptionDescribed: true })).toEqual([]);
  });

  test("is not rung where none is named", () => {
    const alone = { ...snapshot, subscriptionRef: null };

    expect(only(decide(state({ source: "fetch" }), alone), "ring")).toEqual([]);
  });
});

describe("a checkout", () => {
  const planOf = (what: Parameters<typeof checkout>[0]) =>
    only(decide(state(), checkout(what)), "save_checkout")[0]?.row.planId;

  test("sold the plan of the first of its prices that is in one, else the plan that it names", () => {
    expect(planOf({ priceRefs: ["price_new", "price_pro"] })).toBe("pln_pro");
    expect(planOf({ priceRefs: ["price_pro"], planCode: "business" })).toBe("pln_pro");
    expect(planOf({ priceRefs: ["price_new"], planCode: "business" })).toBe("pln_business");
    expect(planOf({ planCode: "unheard_of" })).toBeNull();
  });

  const undescribed = { isSubscriptionDescribed: false, source: "payload" } as const;

  test("that names an unknown subscription and sold nothing known waits for it", () => {
    expect(decide(state(undescribed), checkout()).reason).toEqual({
      code: "waiting_for_subscription",
      sentence: "Waiting for subscription sub_1: nothing has said yet what it buys.",
    });
  });

  test.each([
    ["the subscription is described", { isSubscriptionDescribed: true }, {}],
    ["the subscription can be fetched", { source: "fetch" }, {}],
    ["the page says what it sold", {}, { planCode: "pro" }],
    ["there is no subscription", {}, { subscriptionRef: null }],
  ] as const)("waits for nothing where %s", (_what, known, said) => {
    expect(decide(state({ ...undescribed, ...known }), checkout(said)).reason).toBeUndefined();
  });

  test("that is fetched a second time is not news; one whose payment came through is", () => {
    const held = holding(state({ source: "fetch" }), checkout({ isPaid: false, asOf: inDays(-1) }));
    const saved = (what: Parameters<typeof checkout>[0]) =>
      only(decide(held, checkout(what)), "save_checkout").map(({ row }) => row.asOf);

    expect(saved({ isPaid: false })).toEqual([]);
    expect(saved({ isPaid: true })).toEqual([inDays(0)]);
  });
});

describe("a payment", () => {
  test("is told with what went back of it, and that it is disputed", () => {
    const held = holding(state(), payment());

    expect(inWords(decide(held, payment({ refundedSoFarMinor: 1450, isDisputed: true })))).toEqual([
      "payment pi_1: refunded €0.00 → €14.50",
      "payment pi_1: disputed no → yes",
    ]);
  });

  test("that failed is told with the reason", () => {
    const failed = payment({
      status: "requires_action",
      failureMessage: "Your card was declined.",
    });

    expect(inWords(decide(holding(state(), payment()), failed))).toEqual([
      "payment pi_1: status succeeded → requires action",
      "payment pi_1: failure none → Your card was declined.",
    ]);
  });
});

test("a dispute is told with its money and the day that evidence is due", () => {
  expect(inWords(decide(state(), dispute()))).toEqual([
    "dispute dp_1: status none → under review",
    "dispute dp_1: organization none → Acme",
    "dispute dp_1: amount none → €29.00",
    "dispute dp_1: evidence due none → 2026-07-22T12:00:00Z",
  ]);
});

describe("the tier", () => {
  const all = [customer(), subscription(), invoice(), payment(), dispute(), checkout()];

  test.each(all.map((snapshot) => [snapshot.kind, snapshot] as const))(
    "is set right by any news: a %s",
    (_kind, snapshot) => {
      const business = entitling({ ref: "sub_2", planId: "pln_business" });

      const decision = decide(state({ organization: onPro, subscriptions: [business] }), snapshot);

      expect(only(decision, "set_tier")).toMatchObject([{ tierId: "tir_business" }]);
      expect(inWords(decision)).toContain("organization Acme: tier Pro → Business");
    },
  );

  test.each(all.map((snapshot) => [snapshot.kind, snapshot] as const))(
    "is left alone by the mode that does not count, and where nobody owns it: a %s",
    (_kind, snapshot) => {
      const wrong = { organization: organization({ tierId: "tir_business" }) };
      const movesTier = (what: Partial<State>) =>
        kinds(decide(state({ ...wrong, ...what }), snapshot)).includes("set_tier");

      expect(movesTier({})).toBe(true);
      expect(movesTier({ countsForTier: false })).toBe(false);
      expect(movesTier({ organization: undefined })).toBe(false);
    },
  );

  test("falls by the clock alone when what it stood on has ended", () => {
    const ended = entitling({ cancelAt: inDays(0) });
    const held = organization({ tierId: "tir_pro", tierValidUntil: inDays(0) });

    const decision = decideTier(state({ organization: held, subscriptions: [ended] }));

    expect(only(decision, "set_tier")).toEqual([
      {
        kind: "set_tier",
        fromTierId: "tir_pro",
        tierId: "tir_free",
        validUntil: null,
        because: "Subscription sub_1 ended 2026-07-15.",
      },
    ]);
  });

  test("is not touched by the clock while it is right", () => {
    const right = state({ organization: onPro, subscriptions: [entitling()] });

    expect(decideTier(right)).toEqual({ effects: [], changes: [], reason: undefined });
  });
});

describe("for any two snapshots of one object in any setting", () => {
  test("what is said again saves nothing, changes nothing and names no new notice", () => {
    fc.assert(
      fc.property(settings, twice, (what, [earlier, snapshot]) => {
        const before = holding(state(what), earlier);
        const first = decide(before, snapshot);

        const second = decide(applied(before, first), snapshot);

        const known = [...only(first, "notice"), ...only(first, "ring")];
        expect(known).toEqual(expect.arrayContaining(second.effects));
        expect(second.changes).toEqual([]);
        expect(second.reason).toEqual(first.reason);
      }),
    );
  });

  test("what is fetched again an hour later saves nothing", () => {
    fc.assert(
      fc.property(settings, twice, (what, [earlier, snapshot]) => {
        const held = holding(holding(state({ ...what, source: "fetch" }), earlier), snapshot);

        const again = decide(held, { ...snapshot, asOf: inDays(1 / 24) });

        expect(kinds(again).filter((kind) => kind.startsWith("save"))).toEqual([]);
      }),
    );
  });

  test("every save and every move of the tier is told in words", () => {
    fc.assert(
      fc.property(settings, twice, (what, [earlier, snapshot]) => {
        const decision = decide(holding(state(what), earlier), snapshot);
        const told = new Set(decision.changes.map(({ record }) => record));
        const moved = only(decision, "set_tier").some((it) => it.tierId !== it.fromTierId);
        const saved = kinds(decision).some((kind) => kind.startsWith("save"));

        expect(told.size).toBe(Number(moved) + Number(saved));
      }),
    );
  });
});
