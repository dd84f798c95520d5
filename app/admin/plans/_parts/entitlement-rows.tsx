"use client";

import { Plus, X } from "lucide-react";
import { Button } from "#app/_ui/button.tsx";
import { SelectField, TextField } from "#app/_ui/field.tsx";
import { useRows } from "./use-rows.ts";

export type EntitlementRow = {
  readonly key: string;
  readonly name: string;
  readonly kind: "feature" | "limit";
  readonly isIncluded: boolean;
  readonly limitValue: number | null;
};

/** What a tier allows, a row each. */
export function EntitlementRows({
  initial,
  knownKeys,
}: {
  initial: readonly EntitlementRow[];
  /** Keys of other tiers, offered while typing: a key means one thing everywhere. */
  knownKeys: readonly string[];
}) {
  const { rows, addButton, isAdded, add, remove } = useRows(initial.length);
  return (
    <div className="grid gap-4">
      <datalist id="entitlement-keys">
        {knownKeys.map((key) => (
          <option key={key} value={key} />
        ))}
      </datalist>
      <ul className="grid gap-4">
        {rows.map((row) => {
          const known = initial[row];
          const name = (field: string) => `entitlements.${row}.${field}`;
          return (
            <li
              key={row}
              className="grid items-start gap-3 not-first:border-t not-first:border-line not-first:pt-4 sm:grid-cols-2 xl:grid-cols-[1fr_1fr_8rem_9rem_auto]"
            >
              <TextField
                name={name("key")}
                label="Key"
                defaultValue={known?.key ?? ""}
                list="entitlement-keys"
                placeholder="api_calls_per_month"
                autoComplete="off"
                autoFocus={isAdded(row)}
                maxLength={64}
                mono
              />
              <TextField
                name={name("name")}
                label="Name"
                defaultValue={known?.name ?? ""}
                placeholder="API calls a month"
                maxLength={80}
              />
              <SelectField
                name={name("kind")}
                label="Kind"
                defaultValue={known?.kind ?? "limit"}
                options={[
                  { value: "limit", label: "Limit" },
                  { value: "feature", label: "Feature" },
                ]}
              />
              <TextField
                name={name("limitValue")}
                label="Limit"
                defaultValue={known?.limitValue ?? ""}
                placeholder="No limit"
                inputMode="numeric"
              />
              <input
                type="hidden"
                name={name("isIncluded")}
                value={known?.isIncluded === false ? "no" : "yes"}
              />
              <Button
                variant="quiet"
                className="mt-[1.625rem]"
                onClick={() => remove(row)}
                aria-label={`Remove ${known?.name ?? "this row"}`}
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
          Add entitlement
        </Button>
      </div>
    </div>
  );
}
