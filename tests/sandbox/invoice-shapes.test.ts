import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, startSandbox } from "#tests/support/sandbox.ts";
import { draft, finalized, payer } from "#tests/support/sandbox-billing.ts";
import { type Claimed, eventType, shapeFaults } from "#tests/support/sdk-shapes.ts";

let box: Box;
beforeAll(async () => {
  box = await startSandbox();
});
afterAll(() => box.close());

const WATCHED = /^(invoice|invoiceitem|invoice_payment|credit_note|customer)\./;

test("invoices and all around them have the shapes that the SDK declares, in events too", async () => {
  await live();

  const { data: invoices } = await json<{ data: unknown[] }>(
    "/v1/invoices?limit=100&expand[]=data.payments&expand[]=data.confirmation_secret",
  );
  const { data: items } = await json<{ data: unknown[] }>("/v1/invoiceitems?limit=100");
  const { data: notes } = await json<{ data: unknown[] }>("/v1/credit_notes?limit=100");
  const { data: payments } = await json<{ data: unknown[] }>("/v1/invoice_payments?limit=100");
  const { data: events } = await json<{ data: Body[] }>("/v1/events?limit=100");
  const claims: Claimed[] = [
    ...invoices.map(claim("Stripe.Invoice")),
    ...items.map(claim("Stripe.InvoiceItem")),
    ...notes.map(claim("Stripe.CreditNote")),
    ...payments.map(claim("Stripe.InvoicePayment")),
    ...events
      .filter(({ type }) => WATCHED.test(type))
      .map((event) => ({ type: eventType(event.type), json: bodyOf(event), says: event.type })),
  ];

  expect(claims.length).toBeGreaterThan(40);
  expect(await shapeFaults(claims)).toEqual([]);
}, 60_000);

type Body = { type: string; data: { object: unknown } };

/** Without what it was before: Stripe says that in part where the SDK declares wholes. */
function bodyOf(event: Body) {
  return { ...event, data: { object: event.data.object } };
}

/** All that can become of an invoice. */
async function live(): Promise<void> {
  const { id: customer } = await payer(box);
  const coupon = await box.stripe.coupons.create({ percent_off: 10, duration: "once" });
  const discounts = [{ coupon: coupon.id }];
  const { id: invoice } = await finalized(box, customer, [1_000, 900], { discounts });
  await box.stripe.creditNotes.create({ invoice, amount: 100 });
  await box.stripe.invoices.pay(invoice);
  await box.stripe.creditNotes.create({
    invoice,
    amount: 300,
    credit_amount: 100,
    refund_amount: 200,
  });
  await box.stripe.invoices.voidInvoice((await finalized(box, customer, [1_000])).id);
  await box.stripe.invoices.markUncollectible((await finalized(box, customer, [1_000])).id);
  await box.stripe.invoices.del((await draft(box, customer, [1_000])).id);
  const sent = await draft(box, customer, [700], {
    collection_method: "send_invoice",
    days_until_due: 3,
  });
  await box.stripe.invoices.sendInvoice(sent.id);
  const { id: failing } = await payer(box, "pm_card_chargeCustomerFail");
  const { id: unpaid } = await finalized(box, failing, [1_000]);
  await box.stripe.invoices.pay(unpaid).catch(() => undefined);
}

function claim(type: string) {
  return (json: unknown): Claimed => ({ type, json, says: type });
}

async function json<Shape>(path: string): Promise<Shape>;
async function json(path: string): Promise<unknown> {
  return (await box.get(path)).json;
}
