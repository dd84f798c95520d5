import type Stripe from "stripe";

/** What Stripe says in its `error` envelope, besides the HTTP status. */
export type ErrorBody = {
  readonly type: "api_error" | "card_error" | "idempotency_error" | "invalid_request_error";
  readonly message: string;
  readonly code?: string;
  readonly param?: string;
  readonly decline_code?: string;
  readonly doc_url?: string;
  readonly charge?: string;
  readonly payment_intent?: Stripe.PaymentIntent;
  readonly setup_intent?: Stripe.SetupIntent;
  readonly payment_method?: Stripe.PaymentMethod;
};

/** An answer in Stripe's error envelope. */
export class StripeError extends Error {
  readonly status: number;
  readonly body: ErrorBody;
  /** A declined card leaves its failed payment behind; every other error undoes the whole call. */
  readonly keepsChanges: boolean;

  constructor(status: number, body: ErrorBody, options: { keepsChanges?: boolean } = {}) {
    super(body.message);
    this.name = "StripeError";
    this.status = status;
    this.body = body;
    this.keepsChanges = options.keepsChanges ?? false;
  }
}

/** A request that Stripe would not take: 400. */
export function invalid(message: string, details: { code?: string; param?: string } = {}) {
  return new StripeError(400, { type: "invalid_request_error", message, ...details });
}

/** An id that names nothing: `resource_missing`, 404 for one in the address and 400 for a parameter. */
export function missing(what: string, id: string, param = "id") {
  return new StripeError(param === "id" ? 404 : 400, {
    type: "invalid_request_error",
    code: "resource_missing",
    message: `No such ${what}: '${id}'`,
    param,
  });
}

/** Something that Stripe has and the sandbox has not: refused, never taken and forgotten. */
export function notModelled(what: string, param?: string) {
  return new StripeError(400, {
    type: "invalid_request_error",
    code: "sandbox_not_modelled",
    message: `The sandbox does not model ${what}. Stripe itself does.`,
    ...(param === undefined ? {} : { param }),
  });
}

/** A card that was declined: 402, with the payment that failed inside. Keeps what the attempt left. */
export function declined(body: Omit<ErrorBody, "type">, options = { keepsChanges: true }) {
  return new StripeError(402, { type: "card_error", ...body }, options);
}
