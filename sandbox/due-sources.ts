import { invoiceDue } from "./billing/invoice-due.ts";
import type { DueSource } from "./clock/due.ts";

/** All that time does, in the order in which it happens where several things are due at one moment. */
export const dueSources: readonly DueSource[] = [invoiceDue];
