import type { ComponentProps } from "react";
import { settings } from "#app/_server/settings.ts";
import { AuthFrame } from "#app/_ui/auth-frame.tsx";

/** The one card, under the name that customers know the product by. */
export async function OperatorFrame(props: Omit<ComponentProps<typeof AuthFrame>, "operator">) {
  const { productName } = await settings();
  return <AuthFrame operator={productName} {...props} />;
}
