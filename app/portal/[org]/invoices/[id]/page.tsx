import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { InvoiceStatus, isLate } from "#app/_billing/invoice-status.tsx";
import { safeLink } from "#app/_billing/safe-link.ts";
import { requireMember } from "#app/_server/session.ts";
import { Banner } from "#app/_ui/banner.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Facts } from "#app/_ui/facts.tsx";
import { Money } from "#app/_ui/money.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Section } from "#app/_ui/section.tsx";
import { Time } from "#app/_ui/time.tsx";
import { findPaying, listPayments } from "#lib/billing/paying/views.ts";
import { findInvoice } from "#lib/billing/views.ts";
import { paidWithInWords } from "#lib/payment-method.ts";
import { CreditNotes } from "./credit-notes.tsx";
import { Lines } from "./lines.tsx";
import { Pay } from "./pay.tsx";
import { Payments } from "./payments.tsx";

export const metadata: Metadata = { title: "Invoice" };

type Props = { params: Promise<{ org: string; id: string }> };
type Invoice = NonNullable<Awaited<ReturnType<typeof findInvoice>>>;

/** One invoice: what was charged for what, and where to pay or print it. */
export default async function InvoicePage({ params }: Props) {
  const { org, id } = await params;
  const actor = await requireMember(org, ["owner", "billing"]);
  const invoice = await findInvoice({ actor }, id);
  if (!invoice || invoice.status === "draft") notFound();
  const [paying, payments] = await Promise.all([findPaying(actor, id), listPayments(actor, id)]);
  const base = `/portal/${encodeURIComponent(org)}`;
  const title = invoice.number ? `Invoice ${invoice.number}` : "Invoice";
  return (
    <>
      <PageHeader
        title={title}
        breadcrumbs={[{ label: "Invoices", href: `${base}/invoices` }, { label: title }]}
        status={<InvoiceStatus invoice={invoice} />}
        actions={<Links invoice={invoice} />}
      />
      {isLate(invoice) && <Late invoice={invoice} />}
      <Pay actor={actor} invoice={invoice} paying={paying} base={base} />
      <Section title="Summary">
        <Facts
          columns={2}
          items={[
            { label: "Total", value: <Amount invoice={invoice} minor={invoice.totalMinor} /> },
            { label: "Date", value: <Time at={invoice.issuedAt} dateOnly /> },
            { label: "Paid", value: <Amount invoice={invoice} minor={invoice.amountPaidMinor} /> },
            invoice.paidAt && {
              label: "Paid on",
              value: <Time at={invoice.paidAt} relative={false} />,
            },
            invoice.amountRemainingMinor > 0 &&
              invoice.status === "open" && {
                label: "Still to pay",
                value: <Amount invoice={invoice} minor={invoice.amountRemainingMinor} />,
              },
            invoice.status === "open" &&
              invoice.dueAt && { label: "Due", value: <Time at={invoice.dueAt} dateOnly /> },
            invoice.status === "paid" && invoice.payment?.method
              ? { label: "Paid with", value: paidWithInWords(invoice.payment.method) }
              : null,
          ]}
        />
      </Section>
      <Section title="What it is for" flush>
        <Lines invoice={invoice} />
      </Section>
      {invoice.creditNotes.length > 0 && <CreditNotes invoice={invoice} />}
      {payments.length > 0 && (
        <Section title="Payments" flush>
          <Payments rows={payments} />
        </Section>
      )}
    </>
  );
}

function Amount({ invoice, minor }: { invoice: Invoice; minor: number }) {
  return <Money amountMinor={minor} currency={invoice.currency} />;
}

function Late({ invoice }: { invoice: Invoice }) {
  return (
    <Banner tone="warning" title="The last payment did not go through">
      {invoice.payment?.failureMessage ?? "The payment failed."}
      {invoice.nextAttemptAt && (
        <>
          {" "}
          The next attempt is <Time at={invoice.nextAttemptAt} />.
        </>
      )}
    </Banner>
  );
}

/** The gateway's own papers. */
function Links({ invoice }: { invoice: Invoice }) {
  const hosted = invoice.status === "open" ? undefined : safeLink(invoice.hostedUrl);
  const pdf = safeLink(invoice.pdfUrl);
  return (
    <>
      {pdf && (
        <ButtonLink href={pdf} external>
          Download PDF
        </ButtonLink>
      )}
      {hosted && (
        <ButtonLink href={hosted} external>
          Open invoice
        </ButtonLink>
      )}
    </>
  );
}
