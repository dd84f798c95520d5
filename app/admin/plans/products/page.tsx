import { Package, Plus } from "lucide-react";
import type { Metadata } from "next";
import { shownMode } from "#app/_server/mode.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Card } from "#app/_ui/section.tsx";
import { Table } from "#app/_ui/table.tsx";
import { TextLink } from "#app/_ui/text-link.tsx";
import { markets, sellingOf } from "#lib/billing/selling/views.ts";
import { type ProductView, productCatalogue } from "#lib/catalogue/product-views.ts";
import { formatMoney } from "#lib/money.ts";
import { PlanTabs } from "../_parts/frame.tsx";
import { SaleStatus, There } from "../_parts/sale.tsx";

export const metadata: Metadata = { title: "One-time products" };

/** What is bought once and never renews. */
export default async function ProductsPage() {
  const actor = await requireAdministrator();
  const [products, all] = await Promise.all([
    productCatalogue(),
    markets(actor, await shownMode()),
  ]);
  const selling = await Promise.all(
    all.map(async (market) => ({ market, products: await sellingOf(actor, market, products) })),
  );
  return (
    <>
      <PageHeader
        title="One-time products"
        breadcrumbs={[{ label: "Plans", href: "/admin/plans" }, { label: "One-time products" }]}
        description={
          <>
            Bought once in the portal’s shop, and never renewed.{" "}
            <TextLink href="/admin/orders">See the orders</TextLink>
          </>
        }
        actions={
          <ButtonLink
            href="/admin/plans/products/new"
            variant="primary"
            icon={<Plus className="size-4" aria-hidden="true" />}
          >
            New product
          </ButtonLink>
        }
      />
      <PlanTabs current="products" />
      <Card flush>
        <Table
          caption="One-time products"
          rows={products}
          rowKey={(product) => product.id}
          rowHref={(product) => `/admin/plans/products/${product.id}`}
          columns={[
            { key: "name", header: "Product", cell: (product) => product.name },
            {
              key: "code",
              header: "Code",
              cell: (product) => <span className="font-mono text-[0.8125rem]">{product.code}</span>,
            },
            { key: "prices", header: "Prices", cell: (product) => <Prices product={product} /> },
            ...selling.map(({ market, products: there }) => ({
              key: market.gateway,
              header: `At ${market.title}`,
              cell: (product: ProductView) => <There selling={there.get(product.id)} />,
            })),
            {
              key: "status",
              header: "Status",
              narrow: true,
              cell: ({ archivedAt }) => <SaleStatus archivedAt={archivedAt} />,
            },
          ]}
          empty={
            <Empty
              title="No one-time product yet"
              icon={<Package />}
              action={<ButtonLink href="/admin/plans/products/new">New product</ButtonLink>}
            >
              Make one, and sell it at your gateway: from then on it stands in the shop of every
              organization.
            </Empty>
          }
        />
      </Card>
    </>
  );
}

function Prices({ product: { prices } }: { product: ProductView }) {
  if (prices.length === 0) return <span className="text-muted">None</span>;
  return (
    <ul className="grid tabular-nums">
      {prices.map((price) => (
        <li key={price.id}>{formatMoney(price)}</li>
      ))}
    </ul>
  );
}
