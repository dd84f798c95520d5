/** How often, in a thousand, each type comes: a few all day, most now and then, some nearly never. */
const OFTEN: readonly (readonly [type: string, inThousand: number])[] = [
  ["customer.subscription.updated", 190],
  ["invoice.paid", 150],
  ["payment_intent.succeeded", 140],
  ["charge.succeeded", 130],
  ["invoice.finalized", 100],
  ["invoice.payment_failed", 80],
  ["checkout.session.completed", 60],
  ["customer.updated", 50],
  ["customer.created", 40],
  ["customer.subscription.created", 30],
  ["customer.subscription.deleted", 12],
  ["charge.refunded", 10],
  ["price.updated", 5],
  ["charge.dispute.created", 2],
  ["customer.subscription.trial_will_end", 1],
];

/** A thousand places, each with its type: whoever draws one evenly gets types as unevenly as they come. */
export const TYPES: readonly string[] = OFTEN.flatMap(([type, times]) => Array(times).fill(type));

/** The usual value first; how often in a thousand the others come. */
export const SPREAD = {
  gateway: [
    ["stripe", 970],
    ["paypal", 30],
  ],
  status: [
    ["processed", 956],
    ["ignored", 30],
    ["parked", 5],
    ["unmatched", 5],
    ["failed", 2],
    ["unknown", 1],
    ["conflict", 1],
  ],
} as const;

/** Types that ring nothing, whatever they say. */
export const IGNORED: readonly string[] = ["price.updated"];
