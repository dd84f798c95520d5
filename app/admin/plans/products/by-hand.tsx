import { SelectField } from "#app/_ui/field.tsx";
import { Form } from "#app/_ui/form.tsx";
import { FormActions } from "#app/_ui/form-actions.tsx";
import { Id } from "#app/_ui/id.tsx";
import { Section } from "#app/_ui/section.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import type { OneTimePrice, oneTimePrices, ProductView } from "#lib/catalogue/product-views.ts";
import { formatMoney } from "#lib/money.ts";
import { sellWithPrice, stopSellingWith } from "./actions.ts";

type Props = {
  product: ProductView;
  prices: Awaited<ReturnType<typeof oneTimePrices>>;
  mode: "test" | "live";
};

/** Which of the gateway's prices sell a product, where somebody made them there: chosen, or let go of. */
export function ByHand({ product, prices: { own, free }, mode }: Props) {
  const fitting = free.toSorted(
    (a, b) => Number(isAsked(b, product)) - Number(isAsked(a, product)),
  );
  return (
    <Section
      title="Prices that were made there"
      description="A one-off price of the gateway’s own can sell it, if it costs just what is asked."
    >
      <div className="grid gap-5">
        {own.length > 0 && (
          <ul className="grid gap-3 text-sm">
            {own.map((price) => (
              <li key={nameOf(price)} className="flex flex-wrap items-center justify-between gap-3">
                <span className="flex min-w-0 flex-wrap items-baseline gap-x-3 tabular-nums">
                  {labelOf(price)} <Id value={price.ref} />
                </span>
                <Form action={stopSellingWith}>
                  <input type="hidden" name="productId" value={product.id} />
                  <input type="hidden" name="price" value={nameOf(price)} />
                  <SubmitButton variant="quiet">
                    Remove<span className="sr-only"> {price.ref}</span>
                  </SubmitButton>
                </Form>
              </li>
            ))}
          </ul>
        )}
        {fitting.length > 0 ? (
          <Form action={sellWithPrice} className="grid max-w-xl gap-4">
            <input type="hidden" name="productId" value={product.id} />
            <SelectField
              name="price"
              label="Another price"
              hint="One-off prices of the gateway that sell nothing yet; those that cost what is asked first."
              options={fitting.map((price) => ({ value: nameOf(price), label: labelOf(price) }))}
            />
            <FormActions>
              <SubmitButton variant="secondary">Sell with this price</SubmitButton>
            </FormActions>
          </Form>
        ) : (
          <p className="text-sm text-muted">
            No other one-off price was seen in {mode} mode. Make one at the gateway, or change
            anything on it there to have it told.
          </p>
        )}
      </div>
    </Section>
  );
}

function isAsked({ currency, amountMinor }: OneTimePrice, { prices }: ProductView): boolean {
  return prices.some((asked) => asked.currency === currency && asked.amountMinor === amountMinor);
}

function nameOf({ gateway, mode, ref }: OneTimePrice): string {
  return `${gateway} ${mode} ${ref}`;
}

function costOf({ amountMinor, currency }: OneTimePrice): string {
  return amountMinor !== null && currency ? formatMoney({ amountMinor, currency }) : "—";
}

function labelOf(price: OneTimePrice): string {
  const called = [price.productName, price.nickname].filter(Boolean).join(" · ");
  return `${costOf(price)}, ${called || price.ref}`;
}
