import type { Metadata } from "next";
import { shownMode } from "#app/_server/mode.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { markets } from "#lib/billing/selling/views.ts";
import { ProductForm } from "../product-form.tsx";

export const metadata: Metadata = { title: "New product" };

export default async function NewProductPage() {
  const actor = await requireAdministrator();
  const all = await markets(actor, await shownMode());
  return (
    <>
      <PageHeader
        title="New product"
        breadcrumbs={[
          { label: "Plans", href: "/admin/plans" },
          { label: "One-time products", href: "/admin/plans/products" },
          { label: "New product" },
        ]}
      />
      <ProductForm markets={all} />
    </>
  );
}
