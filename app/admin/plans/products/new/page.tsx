import type { Metadata } from "next";
import { requireAdministrator } from "#app/_server/session.ts";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { ProductForm } from "../product-form.tsx";

export const metadata: Metadata = { title: "New product" };

export default async function NewProductPage() {
  await requireAdministrator();
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
      <ProductForm />
    </>
  );
}
