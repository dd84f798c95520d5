"use client";

import { TextField } from "#app/_ui/field.tsx";
import { RowList } from "../_parts/row-list.tsx";

/** What one of a product costs, a row for each currency. */
export function ProductPriceRows({
  initial,
}: {
  initial: readonly { readonly amount: string; readonly currency: string }[];
}) {
  return (
    <div className="grid gap-4">
      <RowList
        filled={initial.length}
        columns="grid-cols-2 sm:grid-cols-[1fr_7rem_auto]"
        addLabel="Add price"
        removeLabel={(row) => {
          const known = initial[row];
          return known ? `Remove ${known.amount} ${known.currency}` : "Remove this row";
        }}
      >
        {(row, isAdded) => (
          <>
            <TextField
              name={`prices.${row}.amount`}
              label="Amount"
              defaultValue={initial[row]?.amount ?? ""}
              placeholder="29.00"
              inputMode="decimal"
              autoComplete="off"
              autoFocus={isAdded}
            />
            <TextField
              name={`prices.${row}.currency`}
              label="Currency"
              defaultValue={initial[row]?.currency ?? initial[0]?.currency ?? "EUR"}
              maxLength={3}
              autoComplete="off"
              className="uppercase"
            />
          </>
        )}
      </RowList>
    </div>
  );
}
