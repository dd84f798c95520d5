import type { ComponentProps } from "react";
import { AuthFrame } from "#app/_ui/auth-frame.tsx";
import { productSettings } from "#lib/settings/views.ts";

/** The one card, under the name that customers know the product by. */
export async function OperatorFrame(props: Omit<ComponentProps<typeof AuthFrame>, "operator">) {
  const { productName } = await productSettings();
  return <AuthFrame operator={productName} {...props} />;
}
