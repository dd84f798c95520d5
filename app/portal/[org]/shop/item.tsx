import { TextField } from "#app/_ui/field.tsx";
import { Form } from "#app/_ui/form.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { TextLink } from "#app/_ui/text-link.tsx";
import type { ProductChoice } from "#lib/billing/ordering/choice.ts";
import { formatMoney } from "#lib/money.ts";
import { buy } from "./actions.ts";

type Props = { item: ProductChoice; base: string; organizationId: string };

/** One thing to buy, what it costs, and the one button; or why it cannot be bought. */
export function Item({ item, base, organizationId }: Props) {
  const { offer, blockers, last, revision } = item;
  const { name, description, amountMinor, currency, quantityMax, productId } = offer;
  return (
    <li className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3 p-4 sm:px-6">
      <div className="grid min-w-0 flex-1 basis-64 gap-1">
        <h3 className="font-medium wrap-anywhere">{name}</h3>
        {description && <p className="max-w-prose text-sm text-muted">{description}</p>}
        {amountMinor !== undefined && (
          <p className="text-sm tabular-nums">
            {formatMoney({ amountMinor, currency })}
            {quantityMax > 1 && " for each"}
          </p>
        )}
        {last?.state === "pending" && (
          <p className="text-sm">
            You began to buy it.{" "}
            <TextLink href={`${base}/orders/${last.id}`}>Look at the order</TextLink>
          </p>
        )}
        {blockers.map((blocker) => (
          <p key={blocker} className="max-w-prose text-sm text-amber">
            {blocker}
          </p>
        ))}
      </div>
      {blockers.length === 0 && (
        <Form action={buy} className="flex flex-wrap items-end gap-3">
          <input type="hidden" name="organizationId" value={organizationId} />
          <input type="hidden" name="productId" value={productId} />
          <input type="hidden" name="currency" value={currency} />
          <input type="hidden" name="revision" value={revision} />
          {quantityMax > 1 ? (
            <div className="w-28">
              <TextField
                name="quantity"
                label="How many"
                type="number"
                min={1}
                max={quantityMax}
                step={1}
                required
                defaultValue={1}
              />
            </div>
          ) : (
            <input type="hidden" name="quantity" value={1} />
          )}
          <SubmitButton>
            Buy<span className="sr-only"> {name}</span>
          </SubmitButton>
        </Form>
      )}
    </li>
  );
}
