import type { ReactNode } from "react";
import { Form, type FormAction } from "#app/_ui/form.tsx";
import type { SellingView } from "#lib/billing/selling/views.ts";

/** A button about what is sold at one gateway: what it asks, made for the state that is shown. */
export function SoldDeed({
  action,
  selling: { market, soldId, revision },
  fields = {},
  children,
}: {
  action: FormAction;
  selling: SellingView;
  fields?: Readonly<Record<string, string>>;
  /** The button. */
  children: ReactNode;
}) {
  const { gateway, mode } = market;
  const all = { gateway, mode, soldId, revision, ...fields };
  return (
    <Form action={action} className="grid gap-2">
      {Object.entries(all).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {children}
    </Form>
  );
}

/** "Stripe, test mode". */
export function marketName({ title, mode }: { title: string; mode: string }): string {
  return `${title}, ${mode} mode`;
}
