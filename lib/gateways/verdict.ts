import type { Mode, ObjectRef } from "./gateway.ts";

/** Why a request was not believed. Each has one diagnosis that says what to do. */
export type Refusal =
  | "signature_missing"
  | "signature_malformed"
  | "signature_mismatch"
  | "timestamp_too_old"
  | "timestamp_in_future"
  | "mode_mismatch"
  | "no_secret";

/** What a proven request tells us, before anything is fetched. */
export type EventEnvelope = {
  readonly eventRef: string;
  readonly type: string;
  /** The connected account that it is about; undefined for our own. */
  readonly account: string | undefined;
  readonly apiVersion: string | undefined;
  /** By the gateway's clock, whole seconds at Stripe. */
  readonly createdAt: Date | undefined;
  /** The one object that it rings for; undefined when it is about nothing that Billhook mirrors. */
  readonly root: ObjectRef | undefined;
  /** The gateway's customer whom the payload names: objects of one customer take turns as one. */
  readonly payer: string | undefined;
  /** Why it rings nothing, as a sentence for the log. */
  readonly ignoredBecause: string | undefined;
  /** The object that the payload carries, which may not be the root: a charge rings its payment. */
  readonly payload: PayloadKey;
};

/**
 * Orders the payloads of one object without a fetch: terminal beats not, then the later clock, then
 * the higher rank, then the greater event ref. The newest is a function of the set of payloads.
 */
export type PayloadKey = {
  /** Names the payload's own object, such as `charge:ch_1`; newest-of is taken for each. */
  readonly object: string;
  readonly terminal: boolean;
  readonly rank: number;
};

export type Verdict =
  | {
      readonly kind: "proven";
      readonly mode: Mode;
      readonly secretId: string;
      readonly signedAt: Date;
      /** Undefined when the bytes are genuine but are no event: stored, parked, acknowledged. */
      readonly event: EventEnvelope | undefined;
    }
  | {
      readonly kind: "refused";
      readonly refusal: Refusal;
      /** A sentence that an administrator can act on. Names no secret. */
      readonly diagnosis: string;
    };
