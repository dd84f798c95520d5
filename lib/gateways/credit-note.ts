/** A document that takes back a part of an invoice that was issued. */
export type CreditNote = {
  readonly ref: string;
  readonly number: string | null;
  readonly status: "issued" | "void";
  readonly amountMinor: number;
  /** How much of it went back by the way it came. */
  readonly refundedMinor: number;
  /** How much of it stays as credit for later invoices. */
  readonly creditedMinor: number;
  /** All tax, and how much of it the amounts of the lines have in them already. */
  readonly taxMinor: number;
  readonly includedTaxMinor: number;
  readonly reason: string | null;
  /** What its maker wrote to the customer. */
  readonly memo: string | null;
  readonly issuedAt: Date | null;
  readonly pdfUrl: string | null;
  readonly lines: readonly {
    readonly description: string;
    readonly amountMinor: number;
    readonly quantity: number | null;
  }[];
};
