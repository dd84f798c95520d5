import type { Brand, Letter } from "./letter.ts";

/** What a mail tells, by name. Which names there are depends on the mail; what is missing is left out. */
export type LetterData = Readonly<Record<string, string | undefined>>;

type Template = (data: LetterData, brand: Brand) => Letter;

/** Every mail that Billhook writes. */
const TEMPLATES: Readonly<Record<string, Template>> = {
  payment_failed: (data, brand) => ({
    subject: `Payment failed for invoice ${data.invoice}`,
    paragraphs: [
      `We could not collect ${data.amount} for ${data.organization}.`,
      data.nextAttemptAt
        ? `We will try again on ${day(data.nextAttemptAt)}. To pay now or with another method, follow the link below.`
        : "Please pay the invoice or change the payment method, so that the service goes on.",
    ],
    facts: [
      ["Invoice", data.invoice ?? ""],
      ["Amount due", data.amount ?? ""],
      ["Next attempt", data.nextAttemptAt ? day(data.nextAttemptAt) : ""],
    ],
    actions: payOrLook(data, brand, "Pay the invoice"),
  }),

  payment_action_required: (data, brand) => ({
    subject: `Confirm the payment of invoice ${data.invoice}`,
    paragraphs: [
      `Your bank asks you to confirm the payment of ${data.amount} for ${data.organization}.`,
      "Nothing is paid until you do.",
    ],
    facts: [
      ["Invoice", data.invoice ?? ""],
      ["Amount due", data.amount ?? ""],
    ],
    actions: payOrLook(data, brand, "Confirm the payment"),
  }),

  subscription_canceled: (data, brand) => ({
    subject: `The subscription of ${data.organization} has ended`,
    paragraphs: [
      data.plan
        ? `The ${data.plan} subscription of ${data.organization} has ended. Nothing more will be charged for it.`
        : `The subscription of ${data.organization} has ended. Nothing more will be charged for it.`,
    ],
    facts: [["Ended", data.endedAt ? day(data.endedAt) : ""]],
    actions: [toBilling(data, brand)],
  }),

  trial_ending: (data, brand) => ({
    subject: `The trial of ${data.organization} ends ${data.trialEnd ? `on ${day(data.trialEnd)}` : "soon"}`,
    paragraphs: [
      `The trial${data.plan ? ` of ${data.plan}` : ""} for ${data.organization} ends ${data.trialEnd ? `on ${day(data.trialEnd)}` : "soon"}.`,
      "After that the subscription is charged to the payment method on file.",
    ],
    actions: [toBilling(data, brand)],
  }),

  card_expiring: (data, brand) => ({
    subject: data.card ? `${data.card} expires soon` : "Your card expires soon",
    paragraphs: [
      `The card that pays for ${data.organization} expires${data.expires ? ` at the end of ${data.expires}` : " soon"}. After that it cannot be charged.`,
      "Add another one before, so that the service goes on.",
    ],
    facts: [
      ["Card", data.card ?? ""],
      ["Expires", data.expires ?? ""],
    ],
    actions: [
      {
        label: "Change the card",
        url: `${brand.publicUrl}${data.methodsPath ?? data.billingPath ?? ""}`,
      },
      toBilling(data, brand),
    ],
  }),

  order_completed: (data, brand) => ({
    subject: data.product ? `You bought ${data.product}` : "Your order is completed",
    paragraphs: [
      `${data.organization} bought ${data.product || "something"}. It is paid; nothing renews, and nothing more is charged for it.`,
    ],
    facts: [
      ["Order", data.product ?? ""],
      ["Charged", data.amount ?? ""],
      ["Order number", data.order ?? ""],
    ],
    actions: [
      {
        label: "See the order",
        url: data.order ? `${brand.publicUrl}${data.ordersPath ?? ""}/${data.order}` : "",
      },
      toBilling(data, brand),
    ],
  }),

  comp_given: (data, brand) => ({
    subject: `${data.given || "Your plan"} is yours free of charge`,
    paragraphs: [
      `${data.organization} has ${data.given || "a plan"} free of charge${data.until ? ` until ${day(data.until)}` : ""}.`,
      "Nothing has to be done, and nothing is charged for it. A subscription that you have goes on as it is.",
    ],
    actions: [toBilling(data, brand)],
  }),

  comp_ending: (data, brand) => ({
    subject: `${data.given || "What you have free of charge"} ends ${data.until ? `on ${day(data.until)}` : "soon"}`,
    paragraphs: [
      `${data.organization} has ${data.given || "a plan"} free of charge ${data.until ? `until ${day(data.until)}` : "for a few days more"}.`,
      "After that what you subscribe to counts again. To keep more than that, choose a plan before.",
    ],
    actions: [toBilling(data, brand)],
  }),

  invitation: (data, brand) => ({
    subject: `Join ${data.organizationName || brand.productName}`,
    paragraphs: [
      `${data.invitedBy || "Somebody"} invites you to ${data.organizationName || brand.productName}${data.role ? ` as ${data.role}` : ""}.`,
    ],
    actions: [{ label: "Accept the invitation", url: data.link ?? "" }],
    closing: [
      ...(data.expiresAt ? [`The link works until ${minute(data.expiresAt)}.`] : []),
      "If you expected no invitation, leave this mail alone.",
    ],
  }),

  password_reset: (data, brand) => ({
    subject: `Choose a new password for ${brand.productName}`,
    paragraphs: [
      `${data.name ? `Hello ${data.name}, somebody` : "Somebody"} asked for a new password for this address.`,
    ],
    actions: [{ label: "Choose a new password", url: data.link ?? "" }],
    closing: [
      ...(data.expiresAt ? [`The link works once, until ${minute(data.expiresAt)}.`] : []),
      "If it was not you, leave this mail alone: your password stays as it is.",
    ],
  }),

  password_changed: (data, brand) => ({
    subject: `Your password for ${brand.productName} was changed`,
    paragraphs: [
      `${data.name ? `Hello ${data.name}, your` : "Your"} password was changed${data.at ? ` on ${minute(data.at)}` : ""}. You were signed out everywhere else.`,
    ],
    closing: ["If it was not you, choose a new password now and tell whoever runs this service."],
    actions: [{ label: "Choose a new password", url: `${brand.publicUrl}/forgot-password` }],
  }),
};

/** The mail of a name, or undefined where there is none. */
export function letterOf(template: string, data: LetterData, brand: Brand): Letter | undefined {
  return Object.hasOwn(TEMPLATES, template) ? TEMPLATES[template]?.(data, brand) : undefined;
}

function payOrLook(data: LetterData, brand: Brand, label: string) {
  return [{ label, url: data.hostedUrl ?? "" }, toBilling(data, brand)];
}

function toBilling(data: LetterData, brand: Brand) {
  return {
    label: "See plan, invoices and payments",
    url: `${brand.publicUrl}${data.billingPath ?? ""}`,
  };
}

function day(instant: string): string {
  return written(instant, { dateStyle: "long" });
}

function minute(instant: string): string {
  return `${written(instant, { dateStyle: "long", timeStyle: "short" })} UTC`;
}

function written(instant: string, style: Intl.DateTimeFormatOptions): string {
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return instant;
  return new Intl.DateTimeFormat("en-GB", { ...style, timeZone: "UTC" }).format(at);
}
