"use client";

import { Plus, X } from "lucide-react";
import { Button } from "#app/_ui/button.tsx";
import { SelectField, TextField } from "#app/_ui/field.tsx";
import { useRows } from "./use-rows.ts";

export type PriceRow = {
  readonly amount: string;
  readonly currency: string;
  readonly interval: "month" | "year";
  readonly intervalCount: number;
};

/** What a plan costs, a row for each currency and period. */
export function PriceRows({ initial }: { initial: readonly PriceRow[] }) {
  const { rows, addButton, isAdded, add, remove } = useRows(initial.length);
  return (
    <div className="grid gap-4">
      <ul className="grid gap-4">
        {rows.map((row) => {
          const known = initial[row];
          const name = (field: string) => `prices.${row}.${field}`;
          return (
            <li
              key={row}
              className="grid grid-cols-2 items-start gap-3 not-first:border-t not-first:border-line not-first:pt-4 sm:grid-cols-[1fr_7rem_10rem_auto]"
            >
              <TextField
                name={name("amount")}
                label="Amount"
                defaultValue={known?.amount ?? ""}
                placeholder="29.00"
                inputMode="decimal"
                autoComplete="off"
                autoFocus={isAdded(row)}
              />
              <TextField
                name={name("currency")}
                label="Currency"
                defaultValue={known?.currency ?? initial[0]?.currency ?? "EUR"}
                maxLength={3}
                autoComplete="off"
                className="uppercase"
              />
              <SelectField
                name={name("interval")}
                label="Period"
                defaultValue={known?.interval ?? (row % 2 === 0 ? "month" : "year")}
                options={[
                  { value: "month", label: "Monthly" },
                  { value: "year", label: "Yearly" },
                ]}
              />
              <input type="hidden" name={name("intervalCount")} value={known?.intervalCount ?? 1} />
              <Button
                variant="quiet"
                className="mt-[1.625rem]"
                onClick={() => remove(row)}
                aria-label={known ? `Remove ${known.amount} ${known.currency}` : "Remove this row"}
                icon={<X className="size-4" aria-hidden="true" />}
              />
            </li>
          );
        })}
      </ul>
      <div>
        <Button
          ref={addButton}
          size="sm"
          onClick={add}
          icon={<Plus className="size-4" aria-hidden="true" />}
        >
          Add price
        </Button>
      </div>
    </div>
  );
}
