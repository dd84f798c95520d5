import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cli, hasCli, olderScripts, stripeCli } from "#tests/support/stripe-cli.ts";

/** What `stripe trigger` can trigger and the sandbox models. */
const MODELLED = `
  balance.available billing_portal.configuration.created billing_portal.configuration.updated
  billing_portal.session.created charge.captured charge.dispute.closed charge.dispute.created
  charge.dispute.updated charge.failed charge.refund.updated charge.refunded charge.succeeded
  checkout.session.async_payment_failed checkout.session.async_payment_succeeded
  checkout.session.completed checkout.session.expired coupon.created coupon.deleted coupon.updated
  credit_note.created credit_note.updated credit_note.voided customer.created customer.deleted
  customer.discount.created customer.discount.deleted customer.discount.updated
  customer.subscription.created customer.subscription.deleted customer.subscription.paused
  customer.subscription.trial_will_end customer.subscription.updated customer.updated
  invoice.created invoice.deleted invoice.finalized invoice.marked_uncollectible invoice.paid
  invoice.payment_action_required invoice.payment_failed invoice.payment_succeeded invoice.sent
  invoice.updated invoice.voided invoiceitem.created invoiceitem.deleted
  payment_intent.amount_capturable_updated payment_intent.canceled payment_intent.created
  payment_intent.payment_failed payment_intent.processing payment_intent.requires_action
  payment_intent.succeeded payment_method.attached payment_method.detached payment_method.updated
  plan.created plan.deleted plan.updated price.created price.updated product.created
  product.deleted product.updated promotion_code.created promotion_code.updated
  setup_intent.canceled setup_intent.created setup_intent.requires_action
  setup_intent.setup_failed setup_intent.succeeded subscription.payment_failed
  subscription.payment_succeeded subscription_schedule.aborted subscription_schedule.canceled
  subscription_schedule.completed subscription_schedule.created subscription_schedule.expiring
  subscription_schedule.released subscription_schedule.updated tax_rate.created tax_rate.updated
  test_helpers.test_clock.advancing test_helpers.test_clock.created
  test_helpers.test_clock.deleted test_helpers.test_clock.ready
`;

/** What it can trigger and the sandbox refuses, by the reason; docs/sandbox.md says the same. */
const UNMODELLED = {
  "other merchants are not modelled (Connect)": `account.application.deauthorized account.updated
    transfer.created transfer.reversed transfer.updated`,
  "cards for the merchant's own people are not modelled": `issuing_authorization.request
    issuing_authorization.request.eu issuing_authorization.request.gb issuing_card.created
    issuing_card.created.eu issuing_card.created.gb issuing_cardholder.created
    issuing_cardholder.created.eu issuing_cardholder.created.gb issuing_transaction.created
    issuing_transaction.purchase_details_receipt_updated issuing_transaction.updated`,
  "who somebody is, is not proved": `identity.verification_session.canceled
    identity.verification_session.created identity.verification_session.redacted`,
  "customers hold no cash": `cash_balance.funds_available
    customer_cash_balance_transaction.created payment_intent.partially_funded`,
  "cards are payment methods, never sources": "customer.source.created customer.source.updated",
  "money stays on the account": "payout.created payout.updated topup.created",
  "checkout is opened by code only": "payment_link.created payment_link.updated",
  "nothing is offered before a subscription": `quote.accepted quote.canceled quote.created
    quote.finalized`,
  "there are no reports": "reporting.report_run.succeeded",
} as const;

const modelled = wordsOf(MODELLED);
const unmodelled = Object.entries(UNMODELLED).flatMap(([reason, names]) =>
  wordsOf(names).map((name) => [name, reason] as const),
);

function wordsOf(text: string): string[] {
  return text.trim().split(/\s+/);
}

/** Two of its names are stories of a subscription that end in events of other names. */
function eventOf(name: string): string {
  return name.replace(/^subscription\.(payment_\w+)$/, "invoice.$1");
}

let cli: Cli;
beforeAll(async () => {
  cli = await stripeCli();
});
afterAll(() => cli.close());

describe.skipIf(!hasCli)("stripe trigger (skipped where the optional package is not there)", () => {
  test("lists nothing that is neither modelled nor refused for a reason", async () => {
    const known = [...modelled, ...unmodelled.map(([name]) => name)];

    expect(known.toSorted()).toEqual((await cli.names()).toSorted());
  });

  test.concurrent.each(modelled)("ends in %s, signed", async (name) => {
    const { heard, badlySigned, said } = await cli.trigger(name, { awaits: eventOf(name) });

    expect(heard, said).toContain(eventOf(name));
    expect(badlySigned).toBe(0);
  });

  test.concurrent.each(unmodelled)("is refused %s, as %s", async (name) => {
    const { heard, refusals, said } = await cli.trigger(name);

    expect(said).not.toContain("Trigger succeeded");
    expect(heard).not.toContain(name.replace(/\.(eu|gb)$/, ""));
    expect(refusals.map(({ error }) => error)).toContainEqual(
      expect.stringContaining('"code": "sandbox_not_modelled"'),
    );
  });
});

describe.skipIf(!hasCli || olderScripts.length === 0)("stripe fixtures", () => {
  test.concurrent.each(olderScripts)("plays the older script of %s", async (name) => {
    const { heard, badlySigned, said } = await cli.playOlder(name, { awaits: eventOf(name) });

    expect(heard, said).toContain(eventOf(name));
    expect(badlySigned).toBe(0);
  });
});
