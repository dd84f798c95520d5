"use client";

import { clsx } from "clsx";
import { SelectField, TextField } from "#app/_ui/field.tsx";
import { RowList } from "./row-list.tsx";

export type PriceRow = {
  readonly amount: string;
  readonly currency: string;
  readonly interval: "month" | "year";
  readonly intervalCount: number;
};

/** What something costs, a row for each currency, and for each period of a plan. */
export function PriceRows({ initial, isOnce }: { initial: readonly PriceRow[]; isOnce: boolean }) {
  return (
    <div className="grid gap-4">
      <RowList
        group="prices"
        filled={initial.length}
        columns={clsx(
          "grid-cols-2",
          isOnce ? "sm:grid-cols-[1fr_7rem_auto]" : "sm:grid-cols-[1fr_7rem_10rem_auto]",
        )}
        addLabel="Add price"
        removeLabel={(row) => {
          const known = initial[row];
          return known ? `Remove ${known.amount} ${known.currency}` : "Remove this row";
        }}
      >
        {(row, isAdded) => {
          const known = initial[row];
          const name = (field: string) => `prices.${row}.${field}`;
          return (
            <>
              <TextField
                name={name("amount")}
                label="Amount"
                defaultValue={known?.amount ?? ""}
                placeholder="29.00"
                inputMode="decimal"
                autoComplete="off"
                autoFocus={isAdded}
              />
              <TextField
                name={name("currency")}
                label="Currency"
                defaultValue={known?.currency ?? initial[0]?.currency ?? "EUR"}
                maxLength={3}
                autoComplete="off"
                className="uppercase"
              />
              {!isOnce && (
                <>
                  <SelectField
                    name={name("interval")}
                    label="Period"
                    defaultValue={known?.interval ?? (row % 2 === 0 ? "month" : "year")}
                    options={[
                      { value: "month", label: "Monthly" },
                      { value: "year", label: "Yearly" },
                    ]}
                  />
                  <input
                    type="hidden"
                    name={name("intervalCount")}
                    value={known?.intervalCount ?? 1}
                  />
                </>
              )}
            </>
          );
        }}
      </RowList>
    </div>
  );
}
