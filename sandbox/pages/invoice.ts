import { type Context, Hono } from "hono";
import { html } from "hono/html";
import type Stripe from "stripe";
import { collectInvoice, linesOf } from "../billing/invoice.ts";
import { intentOf } from "../billing/invoice-payments.ts";
import { subscriptionAfterInvoice } from "../billing/subscription-after-invoice.ts";
import { addedBy, includedIn } from "../billing/taxes.ts";
import type { Box } from "../box.ts";
import { clockOf } from "../events/emit.ts";
import { methodFrom } from "../payments/methods.ts";
import { idOf } from "../state/reference.ts";
import type { World } from "../state/world.ts";
import { cardFields, filled, readCard, testCards } from "./card-form.ts";
import type { Answer } from "./document.ts";
import { type Html, page } from "./document.ts";
import { act, type Faults, type Sent, sentBy } from "./form.ts";
import { invoicePdf } from "./invoice-pdf.ts";
import { nothingHere } from "./nothing.ts";
import { badge, field, notice } from "./pieces.ts";
import { cardChoice, savedCards } from "./saved-cards.ts";
import { day, money, sentenceOf } from "./words.ts";

type Invoice = Stripe.Invoice;

type Shown = {
  readonly sent?: Sent;
  readonly faults?: Faults;
  readonly trouble?: string | undefined;
};

const REFUSED = "The bank did not confirm that it is you. Nothing was charged.";
const GONE = "There is no such invoice.";

/** The hosted page of a final invoice, where it can be paid; and its PDF. */
export function invoicePages(box: Box): Hono {
  const { world } = box;
  const app = new Hono();
  app.get("/:id", (context): Answer => {
    const invoice = invoiceAt(world, context);
    if (!invoice) return nothingHere(context, GONE);
    const trouble = context.req.query("refused") === undefined ? undefined : REFUSED;
    return show(context, world, invoice, { trouble });
  });
  app.get("/:id/pdf", (context): Answer => {
    const invoice = invoiceAt(world, context);
    if (!invoice) return nothingHere(context, GONE);
    const name = invoice.number ?? invoice.id;
    return context.body(invoicePdf(world, invoice), 200, {
      "Content-Type": "application/pdf",
      "Content-Disposition": `inline; filename="${name}.pdf"`,
      "X-Content-Type-Options": "nosniff",
    });
  });
  app.post("/:id", async (context) => {
    const invoice = invoiceAt(world, context);
    if (!invoice) return nothingHere(context, GONE);
    if (invoice.status !== "open") return show(context, world, invoice, {});
    const sent = await sentBy(context);
    const again = filled(sent);
    if (again) return show(context, world, invoice, { sent: { ...again, method: "new" } });
    return pay(context, box, invoice, sent);
  });
  return app;
}

/** Drafts have no page yet. */
function invoiceAt(world: World, context: Context): Invoice | undefined {
  const invoice = world.get("invoice", context.req.param("id") ?? "");
  return invoice?.status === "draft" ? undefined : invoice;
}

function pay(context: Context, box: Box, invoice: Invoice, sent: Sent) {
  const { world } = box;
  const isSaved = savedCards(world, idOf(invoice.customer) ?? "").some(
    ({ id }) => id === sent.method,
  );
  const read = isSaved ? undefined : readCard(sent, world.now(clockOf(world, invoice)));
  if (read && "faults" in read) return show(context, world, invoice, { sent, faults: read.faults });
  try {
    const collected = act(box, () => {
      const billing = { name: sent.name?.trim() || null };
      const method = read ? methodFrom(world, { ...read.card, billing }).id : sent.method;
      const result = collectInvoice(world, invoice.id, {
        offSession: false,
        paymentMethod: method,
        isManual: true,
      });
      subscriptionAfterInvoice(world, result.invoice);
      return result;
    });
    if (collected.outcome === "requires_action") {
      const intent = intentOf(world, invoice.id);
      if (intent) return context.redirect(`/_pages/3ds/${intent.id}`, 303);
    }
    if (collected.error) {
      const after = world.get("invoice", invoice.id) ?? invoice;
      return show(context, world, after, { sent, trouble: sentenceOf(collected.error) });
    }
    return context.redirect(`/_pages/invoice/${invoice.id}`, 303);
  } catch (error) {
    return show(context, world, invoice, { sent, trouble: sentenceOf(error) });
  }
}

function show(context: Context, world: World, invoice: Invoice, shown: Shown) {
  return page(
    context,
    {
      title: `Invoice ${invoice.number ?? ""}`,
      shape: invoice.status === "open" ? "two" : "",
      leadsTo: [],
    },
    html`<section class="stack loose" aria-label="Invoice">
        ${heading(invoice)}
        ${lines(world, invoice)}
        ${sums(invoice)}
        <p class="row">
          <a class="button" href="/_pages/invoice/${invoice.id}/pdf">Open as PDF</a>
        </p>
      </section>
      ${invoice.status === "open" ? payment(world, invoice, shown) : ""}`,
  );
}

function heading(invoice: Invoice): Html {
  const due = invoice.due_date ? `Due on ${day(invoice.due_date)}.` : "";
  const words: Readonly<Record<string, string>> = {
    paid: `Paid on ${day(invoice.status_transitions.paid_at ?? invoice.created)}. Thank you.`,
    open: due || "Waiting to be paid.",
    void: "This invoice counts no more. Nothing is to be paid.",
    uncollectible: "This invoice was given up. Nothing is collected any more.",
  };
  const status = invoice.status ?? "draft";
  return html`<div class="stack tight">
    <p class="muted">Invoice ${invoice.number}</p>
    <h1 class="price">${money(invoice.status === "paid" ? invoice.total : invoice.amount_remaining, invoice.currency)}</h1>
    <p class="row">${badge(status)} <span>${words[status] ?? ""}</span></p>
    <dl class="facts small">
      <dt>For</dt>
      <dd>${invoice.customer_name ?? invoice.customer_email ?? idOf(invoice.customer)}</dd>
      <dt>Issued</dt>
      <dd>${day(invoice.status_transitions.finalized_at ?? invoice.created)}</dd>
    </dl>
  </div>`;
}

function lines(world: World, invoice: Invoice): Html {
  return html`<ul class="plain lined">
    ${linesOf(world, invoice.id).map(
      (line) =>
        html`<li>
          <div class="line">
            <span>${line.description ?? "Item"}</span>
            <span class="money">${money(line.amount, line.currency)}</span>
          </div>
          <p class="small muted">
            ${line.quantity && line.quantity !== 1 ? `${line.quantity} × · ` : ""}${span(line.period)}
          </p>
        </li>`,
    )}
  </ul>`;
}

function span({ start, end }: Stripe.InvoiceLineItem.Period): string {
  return day(start) === day(end) ? day(start) : `${day(start)} to ${day(end)}`;
}

function sums(invoice: Invoice): Html {
  const off = (invoice.total_discount_amounts ?? []).reduce((sum, { amount }) => sum + amount, 0);
  const row = (words: string, amount: number, kind = "") =>
    html`<div class="${kind}"><dt>${words}</dt><dd class="money">${money(amount, invoice.currency)}</dd></div>`;
  const added = addedBy(invoice.total_taxes ?? []);
  const included = includedIn(invoice.total_taxes ?? []);
  const fromBalance = (invoice.ending_balance ?? 0) - invoice.starting_balance;
  return html`<dl class="sums">
    ${row("Subtotal", invoice.subtotal)} ${off > 0 ? row("Discount", -off) : ""}
    ${added !== 0 ? row("Tax", added) : ""} ${row("Total", invoice.total)}
    ${included !== 0 ? row("Includes tax of", included) : ""}
    ${fromBalance !== 0 && invoice.total > 0 ? row("From the balance", -fromBalance) : ""}
    ${invoice.amount_paid > 0 ? row("Paid", invoice.amount_paid) : ""}
    ${row("To be paid", invoice.amount_remaining, "total")}
  </dl>`;
}

function payment(world: World, invoice: Invoice, { sent = {}, faults = {}, trouble }: Shown): Html {
  const cards = savedCards(world, idOf(invoice.customer) ?? "");
  const chosen = sent.method ?? cards[0]?.id ?? "new";
  const fields = html`${cardFields(sent, faults)}
  ${field({ name: "name", label: "Name on the card", autocomplete: "cc-name", value: sent.name ?? "" })}`;
  return html`<section class="stack" aria-label="Payment">
    <h2>Pay this invoice</h2>
    ${trouble ? notice("bad", trouble) : ""}
    ${testCards()}
    <form class="stack" method="post" novalidate>
      ${cardChoice(cards, chosen, fields)}
      <button class="primary full">Pay ${money(invoice.amount_remaining, invoice.currency)}</button>
    </form>
  </section>`;
}
