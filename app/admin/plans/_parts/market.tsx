import type { ReactNode } from "react";
import { Form, type FormAction } from "#app/_ui/form.tsx";

type Place = { gateway: string; mode: "test" | "live" };

/** A button about a plan at one gateway: what it asks, made for the state that is shown. */
export function PlanDeed({
  action,
  place,
  planId,
  revision,
  fields = {},
  children,
}: {
  action: FormAction;
  place: Place;
  planId: string;
  revision: string;
  fields?: Readonly<Record<string, string>>;
  /** The button. */
  children: ReactNode;
}) {
  const { gateway, mode } = place;
  const all = { gateway, mode, planId, revision, ...fields };
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
