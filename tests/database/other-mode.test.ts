import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Member } from "#lib/actor.ts";
import { quoteChange } from "#lib/billing/changing/commands.ts";
import { choicesOf, heldPlan } from "#lib/billing/changing/views.ts";
import { cancelSubscription } from "#lib/billing/ending/commands.ts";
import { findEnding } from "#lib/billing/ending/views.ts";
import { payInvoice } from "#lib/billing/paying/commands.ts";
import { findPaying, listPayments } from "#lib/billing/paying/views.ts";
import { findInvoice } from "#lib/billing/views.ts";
import { reloadConfig } from "#lib/config.ts";
import { useDatabase } from "#tests/support/database.ts";
import { refusal } from "#tests/support/identity.ts";
import { ada } from "#tests/support/settings.ts";
import { invoice, member, organization, subscription } from "#tests/support/view-rows.ts";

/* What was tried out in one mode is nothing that people can see or ask for in the other one. */

await useDatabase();

describe.each([
  ["live", "test"],
  ["test", "live"],
] as const)("in a %s deployment", (runs, mode) => {
  let owner: Member;
  let subscriptionId = "";
  let invoiceId = "";

  beforeAll(async () => {
    reloadConfig({ BILLHOOK_MODE: runs });
    const { id: organizationId } = await organization();
    owner = member(organizationId);
    const held = await subscription({ organizationId, mode });
    subscriptionId = held.id;
    const owed = { status: "open", amountRemainingMinor: 29_00 } as const;
    invoiceId = (await invoice({ organizationId, mode, subscriptionRef: held.ref, ...owed })).id;
  });

  afterAll(() => reloadConfig({ BILLHOOK_MODE: undefined }));

  const named = () => ({ organizationId: owner.organizationId, subscriptionId });
  const revision = "";
  const asked = { interval: undefined, seats: undefined };

  test.each([
    ["shown as a plan", () => heldPlan(owner, named())],
    ["offered other plans", () => choicesOf(owner, { ...named(), ...asked })],
    ["quoted", () => quoteChange(owner, { ...named(), priceRef: "price_1", quantity: 1 })],
    ["shown before its end", () => findEnding({ actor: owner }, subscriptionId)],
    [
      "cancelled",
      () =>
        cancelSubscription(owner, { ...named(), revision, reason: "too_expensive", comment: "" }),
    ],
  ])(`a ${mode} subscription is not %s`, async (_, ask) => {
    expect(await refusal(ask())).toBe("not_found");
  });

  test(`nor is a ${mode} invoice, or what was paid of it, shown or paid`, async () => {
    const { organizationId } = owner;

    expect(await findInvoice({ actor: owner }, invoiceId)).toBeUndefined();
    expect(await refusal(findPaying(owner, invoiceId))).toBe("not_found");
    expect(await refusal(listPayments(owner, invoiceId))).toBe("not_found");
    expect(await refusal(payInvoice(owner, { organizationId, invoiceId, revision }))).toBe(
      "not_found",
    );
  });

  test("an administrator who looks at the other mode sees and may ask for what is there", async () => {
    expect((await heldPlan(ada, named())).subscription.id).toBe(subscriptionId);
    const { organizationId } = owner;
    expect(await findInvoice({ actor: ada, organizationId }, invoiceId)).toBeDefined();
  });
});
