import type { Metadata } from "next";
import type { ReactNode } from "react";
import { productSettings } from "#lib/settings/views.ts";

export async function generateMetadata(): Promise<Metadata> {
  const { productName } = await productSettings();
  return { title: { default: productName, template: `%s · ${productName}` } };
}

/** Who comes through here may know the product by its own name only. */
export default function AuthLayout({ children }: { children: ReactNode }) {
  return children;
}
