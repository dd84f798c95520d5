/** One try to hand an event over. */
export type DeliveryAttempt = {
  /** Milliseconds since 1970, real time. */
  readonly at: number;
  readonly signature: string;
  /** What the receiver answered; null where nothing came back. */
  readonly status: number | null;
  /** The first of what it said, or why nothing came back. */
  readonly answer: string;
  readonly milliseconds: number;
  /** Signed wrong on purpose. */
  readonly isForged: boolean;
};

/** One event on its way to one endpoint, with everything that was tried. */
export type Delivery = {
  readonly id: string;
  readonly endpoint: string;
  readonly url: string;
  readonly event: string;
  readonly type: string;
  readonly body: string;
  /** A second copy: by a fault, or sent again after it had arrived. */
  readonly isRepeat: boolean;
  readonly state: "waiting" | "delivered" | "retrying" | "failed" | "dropped";
  readonly attempts: readonly DeliveryAttempt[];
};

type NewDelivery = Omit<Delivery, "id" | "state" | "attempts">;

/** The newest deliveries, oldest first; those beyond the limit are forgotten. */
export type DeliveryLog = {
  add(delivery: NewDelivery): Delivery;
  /** The delivery as it is now; forgotten ones are changed too, and not kept again. */
  change(delivery: Delivery, to: Partial<Delivery>): Delivery;
  get(id: string): Delivery | undefined;
  all(): Delivery[];
  clear(): void;
};

const KEPT_MAX = 2_000;

export function deliveryLog(): DeliveryLog {
  const kept = new Map<string, Delivery>();
  let count = 0;
  return {
    add(given) {
      count += 1;
      const delivery: Delivery = { ...given, id: `dlv_${count}`, state: "waiting", attempts: [] };
      kept.set(delivery.id, delivery);
      const [oldest] = kept.keys();
      if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
      return delivery;
    },
    change(delivery, to) {
      const after = { ...delivery, ...to };
      if (kept.has(delivery.id)) kept.set(delivery.id, after);
      return after;
    },
    get: (id) => kept.get(id),
    all: () => [...kept.values()],
    clear: () => kept.clear(),
  };
}
