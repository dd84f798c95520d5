import { TextField } from "#app/_ui/field.tsx";
import { Section } from "#app/_ui/section.tsx";
import type { Market } from "#lib/billing/selling/views.ts";
import type { ProductView } from "#lib/catalogue/product-views.ts";
import { NameFields } from "../_parts/name-fields.tsx";
import { PricesSection } from "../_parts/prices-section.tsx";
import { SavedForm } from "../_parts/saved-form.tsx";
import { saveProduct } from "./actions.ts";

/** Makes a one-time product, or changes one; at the gateways as well, as plans are. */
export function ProductForm({
  product,
  markets,
}: {
  product?: ProductView & { readonly seen: string };
  markets: readonly Market[];
}) {
  const back = { label: "Back to products", href: "/admin/plans/products" };
  return (
    <SavedForm action={saveProduct} noun="product" known={product} back={back}>
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
      <PricesSection
        description="What customers read in the shop, for one. A price that changes ends and begins anew."
        prices={product?.prices ?? []}
        isOnce
        markets={markets}
      />
    </SavedForm>
  );
}
