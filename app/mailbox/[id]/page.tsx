import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Facts } from "#app/_ui/facts.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Card } from "#app/_ui/section.tsx";
import { TextLink } from "#app/_ui/text-link.tsx";
import { Time } from "#app/_ui/time.tsx";
import { readKept } from "#lib/notices/mailbox.ts";
import { requireMailbox } from "../access.ts";

export const metadata: Metadata = { title: "Mail" };

/** One mail as text, its links alive; its HTML opens in a page of its own, where nothing can run. */
export default async function MailPage({ params }: { params: Promise<{ id: string }> }) {
  await requireMailbox();
  const mail = await readKept((await params).id);
  if (!mail) notFound();
  return (
    <>
      <PageHeader
        title={mail.subject}
        breadcrumbs={[{ label: "Mailbox", href: "/mailbox" }, { label: "Mail" }]}
        actions={
          <ButtonLink href={`/mailbox/${mail.id}/html`} variant="secondary" external>
            Show as HTML
          </ButtonLink>
        }
      />
      <Facts
        items={[
          { label: "To", value: mail.to.join(", ") },
          { label: "Written", value: <Time at={mail.at} /> },
        ]}
      />
      <Card>
        <div className="text-sm break-words whitespace-pre-wrap">{withLinks(mail.text)}</div>
      </Card>
    </>
  );
}

/** Text with its web addresses as links; an address stands alone on its line in our mails. */
function withLinks(text: string) {
  return text.split(/(https?:\/\/[^\s<>"]+)/).map((part, at) =>
    at % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never move.
      <TextLink key={at} href={part} external>
        {part}
      </TextLink>
    ) : (
      part
    ),
  );
}
