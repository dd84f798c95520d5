import type { ReactNode } from "react";
import { Badge } from "#app/_ui/badge.tsx";
import { Button } from "#app/_ui/button.tsx";
import { Confirm } from "#app/_ui/confirm.tsx";
import { CheckField } from "#app/_ui/field.tsx";
import { Form, type FormAction } from "#app/_ui/form.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import type { SellingInShort, SellingView } from "#lib/billing/selling/views.ts";
import { counted } from "#lib/counted.ts";

/** Whether something is sold here. */
export function SaleStatus({ archivedAt }: { archivedAt: Date | null }) {
  return archivedAt ? <Badge>Archived</Badge> : <Badge tone="green">On sale</Badge>;
}

/** Whether a gateway sells the same, in a list. */
export function There({ selling }: { selling: SellingInShort | undefined }) {
  const count = selling?.differences ?? 0;
  if (count > 0) {
    return <Badge tone="amber">{counted(count, "difference")}</Badge>;
  }
  if (!selling || selling.prices === 0) return <span className="text-muted">Not there</span>;
  return <Badge tone="green">The same</Badge>;
}

/** Takes a plan or a product off sale, at the gateways as well if that is wanted; or puts it on sale again. */
export function Sale({
  noun,
  known: { id, name, archivedAt },
  archive,
  unarchive,
  selling,
  kept,
  children,
}: {
  noun: "plan" | "product";
  known: { readonly id: string; readonly name: string; readonly archivedAt: Date | null };
  archive: FormAction;
  unarchive: FormAction;
  selling: readonly SellingView[];
  /** What stays for those who have bought it. */
  kept: string;
  /** What archiving means. */
  children: ReactNode;
}) {
  const hidden = <input type="hidden" name={`${noun}Id`} value={id} />;
  if (archivedAt) {
    return (
      <Form action={unarchive} className="flex">
        {hidden}
        <SubmitButton variant="secondary">Put on sale again</SubmitButton>
      </Form>
    );
  }
  return (
    <Confirm
      trigger={<Button variant="secondary">Archive</Button>}
      title={`Archive ${name}?`}
      confirmLabel={`Archive ${noun}`}
      action={archive}
      tone="primary"
    >
      {hidden}
      {children}
      {selling
        .filter(
          ({ market, mirrored }) => market.canAsk && mirrored.some(({ isActive }) => isActive),
        )
        .map(({ market }) => (
          <CheckField
            key={market.gateway}
            name={`withdraw.${market.gateway}`}
            value={market.mode}
            label={`Take its prices off sale at ${market.title} as well (${market.mode} mode)`}
            hint={kept}
          />
        ))}
    </Confirm>
  );
}
