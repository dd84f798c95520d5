import { Badge } from "#app/_ui/badge.tsx";
import { Banner } from "#app/_ui/banner.tsx";
import { SelectField } from "#app/_ui/field.tsx";
import { Form } from "#app/_ui/form.tsx";
import { FormActions } from "#app/_ui/form-actions.tsx";
import { Id } from "#app/_ui/id.tsx";
import { Section } from "#app/_ui/section.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { Table } from "#app/_ui/table.tsx";
import type { OneTimePrice, oneTimePrices, ProductView } from "#lib/catalogue/product-views.ts";
import { formatMoney } from "#lib/money.ts";
import { sellWithPrice, stopSellingWith } from "./actions.ts";

type Props = {
  product: ProductView;
  prices: Awaited<ReturnType<typeof oneTimePrices>>;
  mode: "test" | "live";
};

/** Which of the gateway's prices sells a product, and what it cannot be sold for yet. */
export function Selling({ product, prices: { own, free }, mode }: Props) {
  const lacking = product.prices.filter((asked) => !own.some((price) => costs(price, asked)));
  const fitting = free.toSorted(
    (a, b) => Number(isAsked(b, product)) - Number(isAsked(a, product)),
  );
  return (
    <Section
      title={`Sold with, in ${mode} mode`}
      description="The gateway’s prices that are charged for it. Each must cost just what is asked below."
    >
      <div className="grid gap-5">
        {!product.archivedAt && lacking.length > 0 && (
          <Banner
            tone="warning"
            title={`It cannot be bought at ${lacking.map((each) => formatMoney(each)).join(" or ")} yet`}
          >
            Make a one-off price of just that at the gateway. It appears here when the gateway tells
            of it; then choose it.
          </Banner>
        )}
        {own.length > 0 && (
          <Table
            caption="Prices that sell it"
            rows={own}
            rowKey={nameOf}
            columns={[
              { key: "price", header: "Price", cell: (price) => <Price price={price} /> },
              { key: "amount", header: "Amount", align: "right", cell: amount },
              {
                key: "stop",
                header: "No longer",
                narrow: true,
                cell: (price) => (
                  <Form action={stopSellingWith}>
                    <input type="hidden" name="productId" value={product.id} />
                    <input type="hidden" name="price" value={nameOf(price)} />
                    <SubmitButton variant="quiet">
                      Remove<span className="sr-only"> {price.ref}</span>
                    </SubmitButton>
                  </Form>
                ),
              },
            ]}
          />
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

type Asked = { readonly currency: string; readonly amountMinor: number };

function costs(price: OneTimePrice, asked: Asked): boolean {
  return price.currency === asked.currency && price.amountMinor === asked.amountMinor;
}

function isAsked(price: OneTimePrice, { prices }: ProductView): boolean {
  return prices.some((asked) => costs(price, asked));
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

function amount(price: OneTimePrice) {
  return <span className="tabular-nums">{costOf(price)}</span>;
}

function Price({ price }: { price: OneTimePrice }) {
  const called = [price.productName, price.nickname].filter(Boolean).join(" · ");
  return (
    <div className="grid min-w-0 gap-1">
      <span className="flex flex-wrap items-center gap-2">
        {called || "Nothing told about it yet"}
        {price.isActive === false && <Badge>Not on sale</Badge>}
      </span>
      <span className="font-normal">
        <Id value={price.ref} />
      </span>
    </div>
  );
}
