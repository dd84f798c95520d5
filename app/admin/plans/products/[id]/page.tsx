import type { Metadata } from "next";
import { found } from "#app/_server/found.ts";
import { shownMode } from "#app/_server/mode.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { Badge } from "#app/_ui/badge.tsx";
import { Button } from "#app/_ui/button.tsx";
import { Confirm } from "#app/_ui/confirm.tsx";
import { Form } from "#app/_ui/form.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { findProduct, oneTimePrices, type ProductView } from "#lib/catalogue/product-views.ts";
import { archiveProduct, unarchiveProduct } from "../actions.ts";
import { ProductForm } from "../product-form.tsx";
import { Selling } from "../selling.tsx";

export const metadata: Metadata = { title: "Product" };

/** One product, to change, to sell with a gateway's price, or to take off sale. */
export default async function ProductPage({ params }: { params: Promise<{ id: string }> }) {
  const actor = await requireAdministrator();
  const mode = await shownMode();
  const product = await found(findProduct(actor, (await params).id));
  const prices = await oneTimePrices(actor, mode, product.id);
  return (
    <>
      <PageHeader
        title={product.name}
        status={product.archivedAt ? <Badge>Archived</Badge> : <Badge tone="green">On sale</Badge>}
        breadcrumbs={[
          { label: "Plans", href: "/admin/plans" },
          { label: "One-time products", href: "/admin/plans/products" },
          { label: product.name },
        ]}
        description={orderedInWords(product.orders)}
        actions={<Sale product={product} />}
      />
      <Selling product={product} prices={prices} mode={mode} />
      <ProductForm product={product} />
    </>
  );
}

function orderedInWords(count: number): string {
  if (count === 0) return "Nobody has bought it yet.";
  return count === 1 ? "Bought once." : `Bought ${count.toLocaleString("en")} times.`;
}

function Sale({ product }: { product: ProductView }) {
  const id = <input type="hidden" name="productId" value={product.id} />;
  if (product.archivedAt) {
    return (
      <Form action={unarchiveProduct} className="flex">
        {id}
        <SubmitButton variant="secondary">Put on sale again</SubmitButton>
      </Form>
    );
  }
  return (
    <Confirm
      trigger={<Button variant="secondary">Archive</Button>}
      title={`Archive ${product.name}?`}
      confirmLabel="Archive product"
      action={archiveProduct}
      tone="primary"
    >
      {id}
      It leaves the shop. Orders of it stay what they are. You can put it on sale again.
    </Confirm>
  );
}
