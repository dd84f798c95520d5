import { Facts } from "#app/_ui/facts.tsx";
import { Money } from "#app/_ui/money.tsx";
import { Section } from "#app/_ui/section.tsx";
import { TextLink } from "#app/_ui/text-link.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { OrderView } from "#lib/billing/ordering/views.ts";
import { paidWithInWords } from "#lib/payment-method.ts";

/** What was ordered, and the money of it. */
export function Details({ order, base }: { order: OrderView; base: string }) {
  const { currency, amountMinor, chargedMinor, refundedMinor, payment } = order;
  const money = (minor: number) => <Money amountMinor={minor} currency={currency} />;
  return (
    <Section title="Summary">
      <Facts
        columns={2}
        items={[
          { label: "Ordered", value: <Time at={order.orderedAt} relative={false} /> },
          order.quantity > 1 && { label: "Quantity", value: order.quantity.toLocaleString("en") },
          { label: "Price", value: money(amountMinor) },
          chargedMinor !== null && { label: "Charged", value: money(chargedMinor) },
          refundedMinor > 0 && { label: "Went back", value: money(refundedMinor) },
          order.completedAt && {
            label: "Completed",
            value: <Time at={order.completedAt} relative={false} />,
          },
          {
            label: "Paid with",
            value: payment?.method ? paidWithInWords(payment.method) : undefined,
          },
          {
            label: "Invoice",
            value: payment?.invoiceId ? (
              <TextLink href={`${base}/invoices/${payment.invoiceId}`}>
                {payment.invoiceNumber ?? "Invoice"}
              </TextLink>
            ) : undefined,
          },
          { label: "Order number", value: <span className="font-mono text-xs">{order.id}</span> },
        ]}
      />
    </Section>
  );
}
