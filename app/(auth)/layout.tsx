import type { Metadata } from "next";
import type { ReactNode } from "react";
import { settings } from "#app/_server/settings.ts";

export async function generateMetadata(): Promise<Metadata> {
  const { productName } = await settings();
  return { title: { default: productName, template: `%s · ${productName}` } };
}

/** Who comes through here may know the product by its own name only. */
export default function AuthLayout({ children }: { children: ReactNode }) {
  return children;
}
