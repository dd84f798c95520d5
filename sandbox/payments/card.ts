/** What a test card does, by Stripe's table of them. */
export type CardBehaviour =
  | "succeeds"
  /** Declines already when it is attached, so it never becomes a saved card. */
  | "declines"
  | "declines_insufficient_funds"
  /** Attaches, and then every charge fails. */
  | "attaches_then_fails"
  /** Asks for 3-D Secure until it was authenticated for use off session. */
  | "asks_until_authenticated"
  /** Asks for 3-D Secure each time. */
  | "asks_always"
  | "is_disputed"
  | "is_inquired";

export type Card = {
  /** The payment method's id. */
  readonly id: string;
  readonly number: string;
  readonly behaviour: CardBehaviour;
  /** Whether its holder has authenticated it for charges without them. */
  readonly authenticatedForOffSession: boolean;
  /** Set by hand, for the next charge only. */
  readonly nextCharge: "fails" | "asks" | null;
};
