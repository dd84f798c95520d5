import Stripe from "stripe";
import { AppError } from "#lib/errors.ts";
import type { ChangeAsked, GatewayCommands, Preview } from "../../asking.ts";
import type { InvoiceSnapshot } from "../../gateway.ts";
import { currencyOf } from "../concepts.ts";
import { wrongAnswer } from "../failures.ts";
import { invoiceSnapshot } from "../invoice.ts";
import { isJson } from "../json.ts";
import { inMinorUnits } from "../minor-units.ts";
import { calling, idIn, idOf, isRefusal, secondsOf } from "./call.ts";
import { creditedBy } from "./paid.ts";

type Asked = Stripe.InvoiceCreatePreviewParams;

/** A change with all that Stripe's previews of it depend on. */
type Change = {
  readonly stripe: Stripe;
  readonly asked: ChangeAsked;
  readonly subscription: Stripe.Subscription;
  readonly item: ReturnType<typeof itemAsked>;
  /** When the present period ends, in Unix seconds. */
  readonly periodEnd: number;
  /** Whether a period begins with the change: another interval, or the first price that is not free. */
  readonly resets: boolean;
};

/** All amounts are Stripe's own, of invoices that it makes up and never keeps. */
export const previewChange: GatewayCommands["previewChange"] = (asked, asking) =>
  calling(asking, async (stripe) => {
    const [subscription, price] = await Promise.all([
      stripe.subscriptions.retrieve(asked.subscriptionRef, { expand: ["discounts"] }),
      stripe.prices.retrieve(asked.to.priceRef),
    ]);
    if (asked.timing === "now") requireGood(subscription);
    const periodEnd = Math.min(...subscription.items.data.map((item) => item.current_period_end));
    const resets = resetsPeriod(subscription, price);
    const item = itemAsked(asked, subscription, price);
    const change = { stripe, asked, subscription, item, periodEnd, resets };
    return asked.timing === "now" ? now(change, asked.at) : atRenewal(change);
  });

/**
 * What an item is to become. A price that was archived is refused even where it is in use, so that it is
 * not named when only the seats change.
 */
function itemAsked(
  { itemRef, to }: ChangeAsked,
  { items }: Stripe.Subscription,
  { active }: Stripe.Price,
): { id: string; price?: string; quantity: number } {
  if (active) return { id: itemRef, price: to.priceRef, quantity: to.quantity };
  const isHeld = items.data.some(({ id, price }) => id === itemRef && price.id === to.priceRef);
  if (isHeld) return { id: itemRef, quantity: to.quantity };
  throw new AppError("gateway_refused", "This price is not sold any more.");
}

/** What is held here may be older: a credit for what was not paid would be a gift. */
function requireGood({ status, pending_update: waiting }: Stripe.Subscription): void {
  if (waiting) {
    throw new AppError(
      "gateway_refused",
      "A change waits for its payment. Look again in a moment.",
    );
  }
  if (status === "active" || status === "trialing") return;
  const sentence =
    status === "past_due" || status === "unpaid"
      ? "A payment is overdue. Pay it first, or change at the renewal."
      : "The subscription is not active at the moment. Look again in a moment.";
  throw new AppError("gateway_refused", sentence);
}

async function now(change: Change, at: Date | undefined): Promise<Preview> {
  const { resets, periodEnd } = change;
  const [bill, renewed] = await Promise.all([
    billNow(change, at),
    resets ? null : next(change, periodEnd),
  ]);
  const following = resets ? await next(change, bill ? endOf(bill.invoice) : periodEnd) : renewed;
  if (!bill) return { ...nothingNow(change), next: following };
  const { invoice, proratedAt, creditedMinor } = bill;
  return {
    currency: invoice.currency,
    proratedAt: new Date(proratedAt * 1_000),
    lines: linesOf(invoice),
    taxMinor: invoice.taxMinor,
    includedTaxMinor: invoice.includedTaxMinor,
    dueMinor: invoice.amountDueMinor,
    creditedMinor,
    next: following,
  };
}

/** When the period ends that begins with the change, in Unix seconds. */
function endOf({ lines }: InvoiceSnapshot): number {
  const ends = lines.map(({ periodEnd, isProration }) =>
    periodEnd && !isProration ? secondsOf(periodEnd) : 0,
  );
  return Math.max(...ends);
}

async function atRenewal(change: Change): Promise<Preview> {
  const bill = await renewal(change, change.periodEnd);
  if (!bill) return nothingNow(change);
  return {
    ...nothingNow(change),
    lines: linesOf(bill),
    taxMinor: bill.taxMinor,
    includedTaxMinor: bill.includedTaxMinor,
    next: { totalMinor: bill.totalMinor, at: new Date(change.periodEnd * 1_000) },
  };
}

function nothingNow({ subscription }: Change): Preview {
  return {
    currency: currencyOf(subscription.currency),
    proratedAt: null,
    lines: [],
    taxMinor: 0,
    includedTaxMinor: 0,
    dueMinor: 0,
    creditedMinor: 0,
    next: null,
  };
}

/** The invoice that the change makes at once. During a trial there is none, whatever is changed. */
async function billNow(change: Change, at: Date | undefined): Promise<Bill | undefined> {
  if (change.subscription.status === "trialing") return undefined;
  const preview = await previewed(change.stripe, {
    subscription: change.asked.subscriptionRef,
    subscription_details: {
      items: [change.item],
      proration_behavior: "always_invoice",
      ...(at && { proration_date: secondsOf(at) }),
    },
  });
  // Where the change makes none, Stripe previews the renewal instead.
  if (!preview || preview.created >= change.periodEnd) return undefined;
  const { subscription_proration_date: told } = preview.parent?.subscription_details ?? {};
  const asked = at && secondsOf(at);
  return {
    invoice: readable(preview),
    proratedAt: asked ?? told ?? preview.created,
    creditedMinor: creditedBy(preview),
  };
}

/** The invoice of a change, and the moment that it is reckoned at. */
type Bill = {
  readonly invoice: InvoiceSnapshot;
  readonly proratedAt: number;
  readonly creditedMinor: number;
};

async function next(change: Change, at: number): Promise<Preview["next"]> {
  const { cancel_at: end, cancel_at_period_end: isEnding } = change.subscription;
  if (isEnding || (end !== null && end <= at)) return null;
  const bill = await renewal(change, at);
  return bill ? { totalMinor: bill.totalMinor, at: new Date(at * 1_000) } : null;
}

/**
 * What a period of what is wanted costs. Stripe shows the next renewal, unless the change would be
 * billed before or a schedule says otherwise: then it is asked what such a subscription would cost anew.
 */
async function renewal(change: Change, at: number): Promise<InvoiceSnapshot | undefined> {
  const { stripe, asked, subscription, resets } = change;
  const isPlain = (!resets || subscription.status === "trialing") && !subscription.schedule;
  const preview = isPlain
    ? await previewed(stripe, {
        subscription: asked.subscriptionRef,
        subscription_details: { items: [change.item], proration_behavior: "none" },
      })
    : await previewed(stripe, {
        customer: idOf(subscription.customer),
        ...couponsAt(subscription, at),
        ...taxedLike(subscription, asked),
      });
  return preview && readable(preview);
}

/** Undefined where there is nothing to be billed. */
async function previewed(stripe: Stripe, asked: Asked): Promise<Stripe.Invoice | undefined> {
  try {
    return await stripe.invoices.createPreview(asked);
  } catch (error) {
    const isNone =
      error instanceof Stripe.errors.StripeError && error.code === "invoice_upcoming_none";
    // A coupon that may not be redeemed again: what it would cost is not known.
    if (isNone || (asked.discounts && isRefusal(error))) return undefined;
    throw error;
  }
}

/** What is wanted, as a subscription that would be taxed as this one is. */
function taxedLike(
  { automatic_tax, default_tax_rates, items }: Stripe.Subscription,
  { itemRef, to }: ChangeAsked,
): Pick<Asked, "automatic_tax" | "subscription_details"> {
  const own = items.data.find(({ id }) => id === itemRef)?.tax_rates ?? [];
  const all = default_tax_rates ?? [];
  return {
    ...(automatic_tax.enabled && { automatic_tax: { enabled: true } }),
    subscription_details: {
      items: [
        {
          price: to.priceRef,
          quantity: to.quantity,
          ...(own.length > 0 && { tax_rates: own.map(({ id }) => id) }),
        },
      ],
      ...(all.length > 0 && { default_tax_rates: all.map(({ id }) => id) }),
    },
  };
}

/** The discounts that still hold then. */
function couponsAt({ discounts }: Stripe.Subscription, at: number): Pick<Asked, "discounts"> {
  const coupons = discounts.flatMap((discount) => {
    if (typeof discount === "string" || (discount.end !== null && discount.end <= at)) return [];
    const coupon = idIn(discount.source.coupon);
    return coupon ? [{ coupon }] : [];
  });
  return coupons.length > 0 ? { discounts: coupons } : {};
}

function resetsPeriod({ items }: Stripe.Subscription, price: Stripe.Price): boolean {
  const recurring = items.data[0]?.price.recurring;
  const isSame =
    recurring?.interval === price.recurring?.interval &&
    recurring?.interval_count === price.recurring?.interval_count;
  const isFree = items.data.every((item) => item.price.unit_amount === 0 || item.quantity === 0);
  return !isSame || (isFree && price.unit_amount !== 0);
}

function readable(preview: Stripe.Invoice): InvoiceSnapshot {
  if (!isJson(preview)) throw wrongAnswer("a preview");
  const told = { object: preview, at: new Date(), event: undefined };
  return inMinorUnits(invoiceSnapshot(preview.id, told));
}

function linesOf({ lines }: InvoiceSnapshot): Preview["lines"] {
  return lines.map(({ description, amountMinor, isProration }) => ({
    description,
    amountMinor,
    isProration,
  }));
}
