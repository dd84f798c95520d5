import { afterAll, beforeAll, expect, test } from "vitest";
import { discountsFrom } from "#sandbox/billing/discounts.ts";
import {
  addInvoiceItem,
  type Credited,
  debitsOf,
  draftInvoice,
  finalizeInvoice,
  type LineDraft,
  voidInvoice,
} from "#sandbox/billing/invoice.ts";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { payer } from "#tests/support/sandbox-billing.ts";

let box: Box;
let customer: string;
beforeAll(async () => {
  box = await startSandbox();
  customer = (await payer(box)).id;
});
afterAll(() => box.close());

test("what was debited is known net of discounts, once the invoice is final", async () => {
  const coupon = await box.stripe.coupons.create({ percent_off: 25, duration: "forever" });
  const discounts = discountsFrom(box.world, [{ coupon: coupon.id }], { customer });
  const { id } = bill("si_net", 1_000, discounts);

  const before = debitsOf(box.world, "si_net");
  finalizeInvoice(box.world, id);

  expect(before).toEqual([]);
  expect(debitsOf(box.world, "si_net")).toMatchObject([{ amountNet: 750, invoice: id }]);
});

test("what was credited is no longer there to be credited, be the credit itself pending", () => {
  finalizeInvoice(box.world, bill("si_credited", 1_000).id);
  const [debit] = debitsOf(box.world, "si_credited");

  addInvoiceItem(box.world, { customer, line: line("si_credited", -600, debit?.credits) });

  expect(debitsOf(box.world, "si_credited")).toEqual([]);
});

test("a debit that is pending can be credited, and stays credited on its invoice", () => {
  addInvoiceItem(box.world, { customer, line: line("si_pending", 400) });
  const [pending] = debitsOf(box.world, "si_pending");

  addInvoiceItem(box.world, { customer, line: line("si_pending", -400, pending?.credits) });
  const after = debitsOf(box.world, "si_pending");
  finalizeInvoice(box.world, bill("si_other", 1_000).id);

  expect(pending).toMatchObject({ amountNet: 400, invoice: null });
  expect(after).toEqual([]);
  expect(debitsOf(box.world, "si_pending")).toEqual([]);
});

test("an invoice that was voided has debited nothing, and its credits credit nothing", () => {
  finalizeInvoice(box.world, bill("si_void", 1_000).id);
  const [debit] = debitsOf(box.world, "si_void");
  const credit = draftInvoice(box.world, {
    ...terms(),
    lines: [line("si_void", -600, debit?.credits), line("si_void", 900)],
  });
  finalizeInvoice(box.world, credit.id);
  const upgraded = debitsOf(box.world, "si_void");

  voidInvoice(box.world, credit.id);

  expect(upgraded.map(({ amountNet }) => amountNet)).toEqual([900]);
  expect(debitsOf(box.world, "si_void").map(({ amountNet }) => amountNet)).toEqual([1_000]);
});

test("a proration is an invoice item too, and its line names what it gives back", () => {
  finalizeInvoice(box.world, bill("si_line", 1_000).id);
  const [debit] = debitsOf(box.world, "si_line");

  const invoice = draftInvoice(box.world, {
    ...terms(),
    lines: [line("si_line", -600, debit?.credits)],
  });

  const details = invoice.lines.data[0]?.parent?.subscription_item_details;
  expect(details?.proration_details?.credited_items).toEqual({
    invoice: debit?.invoice,
    invoice_line_items: [debit?.lineId],
  });
  expect(box.world.get("invoiceitem", details?.invoice_item ?? "")).toMatchObject({
    proration: true,
    invoice: invoice.id,
  });
});

function bill(item: string, amount: number, discounts: readonly string[] = []) {
  const { proration: _, ...rest } = line(item, amount);
  const plain = { ...rest, proration: false, discountable: true };
  return draftInvoice(box.world, {
    ...terms(),
    lines: [plain],
    discounts,
    withPendingItems: "all",
  });
}

function terms() {
  return {
    customer,
    currency: "usd",
    billingReason: "subscription_cycle",
    periodStart: 0,
    periodEnd: 100,
    autoAdvance: false,
    withPendingItems: "none",
  } as const;
}

function line(subscriptionItem: string, amount: number, credits?: Credited): LineDraft {
  return {
    amount,
    currency: "usd",
    description: null,
    quantity: 1,
    period: { start: 0, end: 100 },
    subscription: "sub_1",
    subscriptionItem,
    proration: true,
    credits,
    discountable: false,
  };
}
