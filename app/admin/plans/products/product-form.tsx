import { ButtonLink } from "#app/_ui/button.tsx";
import { TextField } from "#app/_ui/field.tsx";
import { Form } from "#app/_ui/form.tsx";
import { FormActions } from "#app/_ui/form-actions.tsx";
import { Section } from "#app/_ui/section.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import type { ProductView } from "#lib/catalogue/product-views.ts";
import { writtenAmount } from "#lib/catalogue/rules.ts";
import { NameFields } from "../_parts/name-fields.tsx";
import { saveProduct } from "./actions.ts";
import { ProductPriceRows } from "./price-rows.tsx";

/** Makes a one-time product, or changes one. */
export function ProductForm({ product }: { product?: ProductView }) {
  const prices = (product?.prices ?? []).map((price) => ({
    amount: writtenAmount(price),
    currency: price.currency,
  }));
  return (
    <Form action={saveProduct} className="grid gap-8">
      {product && <input type="hidden" name="productId" value={product.id} />}
      <Section title="What is bought once">
        <NameFields known={product} codeHint="Names it in the audit log and in your product.">
          <TextField
            name="quantityMax"
            label="At most in one order"
            hint="1: it is bought singly, and nobody is asked how many."
            type="number"
            min={1}
            max={1000}
            step={1}
            defaultValue={product?.quantityMax ?? 1}
            required
          />
        </NameFields>
      </Section>
      <Section
        title="Prices"
        description="What customers read in the shop, for one. A price that changes ends and begins anew; what the gateway charges is set there."
      >
        <ProductPriceRows key={JSON.stringify(prices)} initial={prices} />
      </Section>
      <FormActions>
        <SubmitButton>{product ? "Save product" : "Create product"}</SubmitButton>
        <ButtonLink href="/admin/plans/products" variant="quiet">
          Back to products
        </ButtonLink>
      </FormActions>
    </Form>
  );
}
