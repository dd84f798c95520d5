/** A subscription that gives an organization its tier, as far as seats are concerned. */
export type TierSource = {
  /** Bought by the seat; else it is for as many as the tier allows. */
  readonly isPerSeat: boolean;
  /** How many are bought. */
  readonly quantity: number;
};

/** How many seats are bought, where the tier is had by the seat and in no other way. */
export function boughtBySeat(sources: readonly TierSource[]): number | undefined {
  const isBySeat = sources.length > 0 && sources.every(({ isPerSeat }) => isPerSeat);
  return isBySeat ? sources.reduce((sum, { quantity }) => sum + quantity, 0) : undefined;
}

/** Why nobody more can be invited, with the way out; undefined where a seat is free. Null is any number. */
export function fullInWords(used: number, all: number | null): string | undefined {
  if (all === null || used < all) return undefined;
  if (all === 0) return "There are no seats.";
  return all === 1
    ? "The only seat is in use."
    : `All ${all.toLocaleString("en")} seats are in use.`;
}

/** "3 of 10 seats in use, open invitations included." */
export function inSeatsOf({ used, all }: { used: number; all: number | null }): string {
  const number = (count: number) => count.toLocaleString("en");
  const word = (all ?? used) === 1 ? "seat" : "seats";
  const counted = all === null ? number(used) : `${number(used)} of ${number(all)}`;
  return `${counted} ${word} in use, open invitations included.`;
}
