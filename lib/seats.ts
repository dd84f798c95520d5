/** The entitlement that members and open invitations are counted against. */
export const SEATS = "seats";

/** How much of something a tier allows. */
type Allowance = {
  readonly isIncluded: boolean;
  /** Null: without limit. */
  readonly limitValue: number | null;
};

/** What a tier allows of something that it does not name: nothing; but seats, which everybody takes, without limit. */
export function unnamed(key: string): Allowance {
  return key === SEATS
    ? { isIncluded: true, limitValue: null }
    : { isIncluded: false, limitValue: 0 };
}

/** How many seats a tier allows, by its own entitlement where it has one; null for any number. */
export function seatsAllowed(named: Allowance | undefined | null): number | null {
  const { isIncluded, limitValue } = named ?? unnamed(SEATS);
  return isIncluded ? limitValue : 0;
}
