import { MailOpen } from "lucide-react";
import type { Metadata } from "next";
import { Empty } from "#app/_ui/empty.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Card } from "#app/_ui/section.tsx";
import { Table } from "#app/_ui/table.tsx";
import { Time } from "#app/_ui/time.tsx";
import { listMailbox } from "#lib/notices/mailbox.ts";
import { requireMailbox } from "./access.ts";

export const metadata: Metadata = { title: "Mailbox" };

/** Every mail that would have been sent, had this machine a mail server. */
export default async function MailboxPage() {
  await requireMailbox();
  const mails = await listMailbox();
  return (
    <>
      <PageHeader
        title="Mailbox"
        description="No mail server is set, so mails stay on this machine. Set SMTP_URL to send them."
      />
      <Card flush>
        <Table
          caption="Mails, newest first"
          rows={mails}
          rowKey={(mail) => mail.id}
          rowHref={(mail) => `/mailbox/${mail.id}`}
          columns={[
            { key: "subject", header: "Subject", cell: (mail) => mail.subject },
            { key: "to", header: "To", cell: (mail) => mail.to.join(", ") },
            { key: "at", header: "Written", narrow: true, cell: (mail) => <Time at={mail.at} /> },
          ]}
          empty={
            <Empty title="No mail yet" icon={<MailOpen />}>
              Invitations, password resets and notices about failed payments appear here.
            </Empty>
          }
        />
      </Card>
    </>
  );
}
