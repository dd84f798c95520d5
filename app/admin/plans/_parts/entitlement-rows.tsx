"use client";

import { SelectField, TextField } from "#app/_ui/field.tsx";
import { RowList } from "./row-list.tsx";

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
  return (
    <div className="grid gap-4">
      <datalist id="entitlement-keys">
        {knownKeys.map((key) => (
          <option key={key} value={key} />
        ))}
      </datalist>
      <RowList
        group="entitlements"
        filled={initial.length}
        columns="sm:grid-cols-2 xl:grid-cols-[1fr_1fr_8rem_9rem_auto] max-xl:[&>button]:mt-0"
        addLabel="Add entitlement"
        removeLabel={(row) => `Remove ${initial[row]?.name ?? "this row"}`}
      >
        {(row, isAdded) => {
          const known = initial[row];
          const name = (field: string) => `entitlements.${row}.${field}`;
          return (
            <>
              <TextField
                name={name("key")}
                label="Key"
                defaultValue={known?.key ?? ""}
                list="entitlement-keys"
                placeholder="api_calls_per_month"
                autoComplete="off"
                autoFocus={isAdded}
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
              {/* A feature has no limit. Its place stays where the rows stand in columns. */}
              <div className="group-has-[option[value=feature]:checked]/row:invisible max-xl:group-has-[option[value=feature]:checked]/row:hidden">
                <TextField
                  name={name("limitValue")}
                  label="Limit"
                  defaultValue={known?.limitValue ?? ""}
                  placeholder="No limit"
                  inputMode="numeric"
                />
              </div>
              <input
                type="hidden"
                name={name("isIncluded")}
                value={known?.isIncluded === false ? "no" : "yes"}
              />
            </>
          );
        }}
      </RowList>
    </div>
  );
}
