"use client";

import { Form, useAnswer } from "#app/_ui/form.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { map } from "../actions.ts";

type Props = {
  price: { gateway: string; mode: "test" | "live"; ref: string; planId: string | null };
  suggestion: { id: string; name: string; by: string } | null;
  plans: readonly { value: string; label: string }[];
};

/** Puts one price into a plan. A suggestion is chosen beforehand; nothing is mapped until it is sent. */
export function PricePlan({ price, suggestion, plans }: Props) {
  return (
    <Form action={map} className="grid min-w-0 gap-1 sm:min-w-56">
      <input type="hidden" name="gateway" value={price.gateway} />
      <input type="hidden" name="mode" value={price.mode} />
      <input type="hidden" name="priceRef" value={price.ref} />
      <input type="hidden" name="seen" value={price.planId ?? ""} />
      <Choice price={price} suggestion={suggestion} plans={plans} />
      {suggestion && (
        <p className="text-xs font-normal text-muted">
          It is of {suggestion.name}, by {suggestion.by}.
        </p>
      )}
    </Form>
  );
}

function Choice({ price, suggestion, plans }: Props) {
  const kept = useAnswer().values?.planId;
  return (
    <div className="flex gap-2">
      <select
        name="planId"
        aria-label={`Plan of ${price.ref}`}
        defaultValue={kept ?? price.planId ?? suggestion?.id ?? ""}
        className="control text-sm"
      >
        <option value="">In no plan</option>
        {plans.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      <SubmitButton variant="secondary" aria-label={`Save the plan of ${price.ref}`}>
        Save
      </SubmitButton>
    </div>
  );
}
