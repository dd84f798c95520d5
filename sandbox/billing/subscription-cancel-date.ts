import type Stripe from "stripe";
import { invalid } from "../protocol/errors.ts";
import type { Period } from "./period.ts";

type CancelFields = Pick<Stripe.Subscription, "cancel_at" | "cancel_at_period_end" | "canceled_at">;

type Asked = {
  readonly cancel_at?: number | "min_period_end" | "max_period_end" | null | undefined;
  readonly cancel_at_period_end?: boolean | undefined;
};

const NEVER: CancelFields = { cancel_at: null, cancel_at_period_end: false, canceled_at: null };

/** When a subscription is to end by itself, after a call that may say so or take it back. */
export function cancelFields(
  asked: Asked,
  { now, period, before }: { now: number; period: Period; before: CancelFields | null },
): CancelFields {
  if (asked.cancel_at_period_end === true && asked.cancel_at) {
    throw invalid(
      "You may only specify one of these parameters: cancel_at, cancel_at_period_end.",
      { param: "cancel_at" },
    );
  }
  if (asked.cancel_at_period_end === true) {
    const since = before?.cancel_at_period_end ? before.canceled_at : now;
    return { cancel_at: period.end, cancel_at_period_end: true, canceled_at: since };
  }
  if (asked.cancel_at) {
    const at = typeof asked.cancel_at === "number" ? asked.cancel_at : period.end;
    if (at <= now) {
      throw invalid("Invalid timestamp: `cancel_at` must be in the future.", {
        param: "cancel_at",
      });
    }
    return { cancel_at: at, cancel_at_period_end: false, canceled_at: now };
  }
  const isUndone = asked.cancel_at === null || asked.cancel_at_period_end === false;
  if (isUndone || before === null) return NEVER;
  if (!before.cancel_at_period_end) return keep(before);
  return { ...keep(before), cancel_at: period.end };
}

function keep({ cancel_at, cancel_at_period_end, canceled_at }: CancelFields): CancelFields {
  return { cancel_at, cancel_at_period_end, canceled_at };
}
