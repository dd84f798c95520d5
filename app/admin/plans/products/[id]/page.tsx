import type { Metadata } from "next";
import { found } from "#app/_server/found.ts";
import { shownMode } from "#app/_server/mode.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { findSelling, markets } from "#lib/billing/selling/views.ts";
import { findProduct, oneTimePrices } from "#lib/catalogue/product-views.ts";
import { Sale, SaleStatus } from "../../_parts/sale.tsx";
import { Selling } from "../../_parts/selling.tsx";
import { archiveProduct, unarchiveProduct } from "../actions.ts";
import { ByHand } from "../by-hand.tsx";
import { ProductForm } from "../product-form.tsx";

export const metadata: Metadata = { title: "Product" };

/** One product, to change, to sell at the gateways, or to take off sale. */
export default async function ProductPage({ params }: { params: Promise<{ id: string }> }) {
  const actor = await requireAdministrator();
  const mode = await shownMode();
  const product = await found(findProduct(actor, (await params).id));
  const [all, prices] = await Promise.all([
    markets(actor, mode),
    oneTimePrices(actor, mode, product.id),
  ]);
  const selling = await Promise.all(all.map((market) => findSelling(actor, market, product.id)));
  return (
    <>
      <PageHeader
        title={product.name}
        status={<SaleStatus archivedAt={product.archivedAt} />}
        breadcrumbs={[
          { label: "Plans", href: "/admin/plans" },
          { label: "One-time products", href: "/admin/plans/products" },
          { label: product.name },
        ]}
        description={orderedInWords(product.orders)}
        actions={
          <Sale
            noun="product"
            known={product}
            archive={archiveProduct}
            unarchive={unarchiveProduct}
            selling={selling}
            kept="Orders stay what they are."
          >
            It leaves the shop. Orders of it stay what they are. You can put it on sale again.
          </Sale>
        }
      />
      <ProductForm product={product} markets={all} />
      {selling.map((view) => (
        <Selling key={view.market.gateway} selling={view} />
      ))}
      <ByHand product={product} prices={prices} mode={mode} />
    </>
  );
}

function orderedInWords(count: number): string {
  if (count === 0) return "Nobody has bought it yet.";
  return count === 1 ? "Bought once." : `Bought ${count.toLocaleString("en")} times.`;
}
