import type { Told } from "./concepts.ts";
import { dateAt, isJson, listAt, refAt, unsignedAmountAt } from "./json.ts";

/**
 * What has gone back of a payment so far. A charge carries the sum as of its telling; refunds that
 * were told by themselves correct it: one made later counts on top, one that has failed since counts
 * no more. Within one second nobody can tell whether the sum knew: the greater of both counts.
 */
export function refundedSoFar(charges: readonly Told[], told: readonly Told[]): number {
  const refunds = allRefunds(charges, told);
  const summed = charges.map((charge) => ({
    at: charge.at,
    minor: unsignedAmountAt(charge.object, "amount_refunded") ?? 0,
    captured:
      unsignedAmountAt(charge.object, "amount_captured") ??
      unsignedAmountAt(charge.object, "amount") ??
      0,
  }));
  const lastSum = Math.max(0, ...summed.map(({ at }) => at.getTime()));
  const base = summed.reduce((sum, { minor }) => sum + minor, 0);

  let live = 0;
  let later = 0;
  let failedSince = 0;
  for (const refund of refunds) {
    const minor = unsignedAmountAt(refund.object, "amount") ?? 0;
    const madeAt = dateAt(refund.object, "created")?.getTime() ?? refund.at.getTime();
    if (!isDead(refund)) {
      live += minor;
      if (madeAt > lastSum) later += minor;
    } else if (madeAt <= lastSum && refund.at.getTime() > lastSum) {
      failedSince += minor;
    }
  }
  const whole = summed.reduce((most, { captured }) => Math.max(most, captured), 0);
  const refunded = Math.max(base - failedSince + later, live, 0);
  return whole > 0 ? Math.min(refunded, whole) : refunded;
}

/** Told by themselves, or listed in a charge of a version before 2022-11-15; the later telling of each. */
function allRefunds(charges: readonly Told[], told: readonly Told[]): Told[] {
  const embedded = charges.flatMap((charge) =>
    listAt(charge.object, "refunds")
      .filter(isJson)
      .map((object) => ({ object, at: charge.at, event: undefined })),
  );
  const known = new Map<string, Told>();
  for (const refund of [...embedded, ...told]) {
    const id = refAt(refund.object, "id");
    const before = id ? known.get(id) : undefined;
    if (id && !(before && before.at > refund.at)) known.set(id, refund);
  }
  return [...known.values()];
}

function isDead({ object, event }: Told): boolean {
  return object.status === "failed" || object.status === "canceled" || event === "refund.failed";
}
