/** What a test card does, by Stripe's table of them. */
export type CardBehaviour =
  | "succeeds"
  /** Declines already when it is attached, so it never becomes a saved card. */
  | "declines"
  | "declines_insufficient_funds"
  | "declines_lost_card"
  | "declines_stolen_card"
  | "declines_expired_card"
  | "declines_incorrect_cvc"
  | "declines_processing_error"
  /** Attaches, and then every charge fails. */
  | "attaches_then_fails"
  /** Asks for 3-D Secure until it was authenticated for use off session. */
  | "asks_until_authenticated"
  /** Asks for 3-D Secure each time. */
  | "asks_always"
  /** Asks for 3-D Secure each time, and has no money then. */
  | "asks_then_insufficient_funds"
  /** Its money is there at once, which the account is told of. */
  | "is_available_at_once"
  | "is_disputed"
  | "is_disputed_not_received"
  | "is_inquired"
  /** Refunds wait at the bank before they succeed. */
  | "refunds_wait"
  /** Refunds succeed, and fail afterwards. */
  | "refunds_fail"
  /** A bank account: the bank answers later, and has the money. */
  | "debits_later"
  /** A bank account: the bank answers later, and has not the money. */
  | "debits_fail_later";

export type Card = {
  /** The payment method's id. */
  readonly id: string;
  /** Of the card; a bank account's IBAN. */
  readonly number: string;
  readonly behaviour: CardBehaviour;
  /** Whether its holder has authenticated it for charges without them. */
  readonly authenticatedForOffSession: boolean;
  /** Set by hand, for the next charge only. */
  readonly nextCharge: "fails" | "asks" | null;
  /** Used without a customer, or detached from one: Stripe takes it no more. */
  readonly isSpent?: boolean;
};
