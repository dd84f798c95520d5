import { StatusBadge } from "#app/_ui/badge.tsx";

type Demand = {
  readonly status: string;
  readonly attemptCount: number;
  readonly amountRemainingMinor: number;
};

/** An invoice's state, in the portal and in the admin: "Open" becomes "Past due" once a payment was tried and failed. */
export function InvoiceStatus({ invoice }: { invoice: Demand }) {
  return <StatusBadge status={isLate(invoice) ? "past_due" : invoice.status} />;
}

export function isLate({ status, attemptCount, amountRemainingMinor }: Demand): boolean {
  return status === "open" && attemptCount > 0 && amountRemainingMinor > 0;
}
