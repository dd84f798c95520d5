import { counted } from "../counted.ts";
import { SEATS } from "../seats.ts";

/*
 * How many people a plan is for: the one rule for subscribing, changing and showing it. A plan is sold by
 * the seat, so that somebody says for how many, or flat, for as many as its tier allows.
 */

export type SeatTerms = {
  readonly planName: string;
  /** The administrators' choice for the plan. */
  readonly isPerSeat: boolean;
  /** How many seats its tier allows; null for any number. */
  readonly seats: number | null;
};

/** How many of a plan are bought: what somebody says where it is sold by the seat, else what they need. */
export function quantityOf(
  { isPerSeat }: Pick<SeatTerms, "isPerSeat">,
  wanted: number | undefined,
  seatsInUse: number,
): number {
  return isPerSeat ? (wanted ?? Math.max(1, seatsInUse)) : 1;
}

/**
 * What stands in the way of so many seats, in words, with the way out. An administrator reads the
 * organization's name where its own people read "you".
 */
export function seatBlockers(
  terms: SeatTerms,
  quantity: number,
  inUse: number,
  name?: string,
): string[] {
  const { planName, isPerSeat, seats } = terms;
  if (seats !== null && inUse > seats) {
    return [
      name === undefined
        ? `${planName} has ${inSeats(seats)}, you use ${inUse}. Remove members first.`
        : `${name} uses ${inSeats(inUse)}; ${planName} has ${seats.toLocaleString("en")}. Members have to be removed first.`,
    ];
  }
  if (!isPerSeat) return quantity > 1 ? [`${planName} is not sold by the seat.`] : [];
  if (inUse > quantity) {
    return [
      name === undefined
        ? `You use ${inSeats(inUse)}. Take as many, or remove members first.`
        : `${name} uses ${inSeats(inUse)}. Take as many, or have members removed first.`,
    ];
  }
  if (seats !== null && quantity > seats) {
    return [`${planName} has ${inSeats(seats)} at most. Take fewer, or another plan.`];
  }
  return [];
}

/** What a tier allows, with as many seats as are bought one by one, where they are. */
export function withSeats<
  Row extends { readonly key: string; isIncluded: boolean; limitValue: number | null },
>(allowed: readonly Row[], bought: number | undefined): Row[] {
  return allowed.map((row) =>
    row.key === SEATS && bought !== undefined
      ? { ...row, isIncluded: true, limitValue: bought }
      : row,
  );
}

/** Behind a price: " for each seat" where it is one seat's. */
export function perSeatInWords({ isPerSeat }: Pick<SeatTerms, "isPerSeat">): string {
  return isPerSeat ? " for each seat" : "";
}

export function inSeats(count: number): string {
  return counted(count, "seat");
}
