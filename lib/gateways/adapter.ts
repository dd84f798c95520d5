import type { GatewayCommands } from "./asking.ts";
import type {
  Claim,
  Connection,
  GatewayName,
  Gone,
  Missing,
  Mode,
  ObjectRef,
  ObjectType,
  PriceSnapshot,
  ProductSnapshot,
  SigningSecret,
  Snapshot,
  StoredPayload,
} from "./gateway.ts";
import type { EventEnvelope, Verdict } from "./verdict.ts";

/** What reached the webhook address, untouched. Header names are lower case; repeats are joined with ", ". */
export type RawRequest = {
  readonly gateway: GatewayName;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/** Kinds that say whose a customer is; only completed checkouts do. */
export type OwnedType = "checkout" | "subscription" | "customer";

/** An object as a list names it: not what it is, only whose. */
export type Owned = {
  readonly ref: string;
  readonly customerRef: string | null;
  readonly claim: Claim | undefined;
};

/** A price that the gateway has on sale, and what it is a price of. */
export type ListedPrice = {
  readonly price: PriceSnapshot;
  readonly product: ProductSnapshot | undefined;
};

/** A payment company. Two methods listen, one looks, the commands ask. */
export type Gateway = {
  readonly name: GatewayName;
  /** As people write it: "Stripe". */
  readonly title: string;
  /** The events to select at the gateway, so that Billhook hears all that it acts on. */
  readonly eventTypes: readonly string[];
  /** Kinds that the gateway really deletes: only for these can "not found" mean "gone". */
  readonly deletable: ReadonlySet<ObjectType>;
  /** Proves that a request is genuine and says which object it rings for; or why it is not proven. */
  verify(request: RawRequest, secrets: readonly SigningSecret[], now: Date): Verdict;
  /** The object as stored payloads tell it, newest of each payload object (payload mode). */
  read(root: ObjectRef, payloads: readonly StoredPayload[]): Snapshot | Gone | undefined;
  /**
   * The object as it is now. Network: never inside a transaction. Throws `gateway_unavailable`
   * (429, 5xx, time-out; with `retryAfterSeconds` where the gateway names it) or `gateway_refused`.
   */
  fetch(
    ref: ObjectRef,
    connection: Connection,
    signal: AbortSignal,
  ): Promise<Snapshot | Gone | Missing>;
  /**
   * A page of the events that the gateway itself remembers, newest first, not older than `since` by its
   * clock. `next` names the page after it. Network, and throws, as `fetch` does.
   */
  listEvents(
    asked: { since: Date; page: string | undefined },
    connection: Connection,
    signal: AbortSignal,
  ): Promise<{ events: readonly EventEnvelope[]; next: string | undefined }>;
  /**
   * A page of everything that the gateway has of a kind, newest first: only names, and what each says
   * of its owner. `page` is the last name of the page before. Network, and throws, as `fetch` does.
   */
  listOwned(
    asked: { type: OwnedType; page: string | undefined },
    connection: Connection,
    signal: AbortSignal,
  ): Promise<{ objects: readonly Owned[]; next: string | undefined }>;
  /**
   * A page of what the gateway has on sale: each price, with its product where that is told. `next` names
   * the page after it. Network, and throws, as `fetch` does.
   */
  listPrices(
    asked: { page: string | undefined },
    connection: Connection,
    signal: AbortSignal,
  ): Promise<{ found: readonly ListedPrice[]; next: string | undefined }>;
  /** Whose key this is, for checking one before it is kept. Throws `gateway_refused` with a sentence. */
  identify(connection: Connection): Promise<{ accountRef: string | null; mode: Mode }>;
  /** Refuses a pasted signing secret that cannot be one, with a sentence that says what it looks like. */
  checkSecret(pasted: string): string;
  /** Refuses a pasted API key that cannot be one; says which mode it is for. */
  checkApiKey(pasted: string): { key: string; mode: Mode };
  /** What people can ask of it. */
  readonly commands: GatewayCommands;
};
