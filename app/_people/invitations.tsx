import { MailPlus } from "lucide-react";
import { Badge } from "#app/_ui/badge.tsx";
import { Button } from "#app/_ui/button.tsx";
import { Confirm } from "#app/_ui/confirm.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { Form, type FormAction } from "#app/_ui/form.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { Table } from "#app/_ui/table.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { openInvitations } from "#lib/identity/invitations/views.ts";
import { roleWord } from "./roles.ts";

type Row = Awaited<ReturnType<typeof openInvitations>>[number];

/** Invitations on their way, for whoever may send them again or take them back. */
export function Invitations({
  rows,
  organizationId,
  resend,
  revoke,
}: {
  rows: readonly Row[];
  /** Left out for those of administrators. */
  organizationId?: string;
  resend: FormAction;
  revoke: FormAction;
}) {
  const now = new Date();
  return (
    <Table
      caption="Invitations that nobody accepted yet"
      rows={rows}
      rowKey={(row) => row.email}
      empty={
        <Empty title="Nobody is invited" icon={<MailPlus />}>
          Invite somebody, and the invitation stands here until it is accepted.
        </Empty>
      }
      columns={[
        {
          key: "email",
          header: "E-mail address",
          cell: (row) => <span className="break-all">{row.email}</span>,
        },
        {
          key: "role",
          header: "Role",
          cell: (row) => (row.role === "administrator" ? "Administrator" : roleWord(row.role)),
        },
        { key: "by", header: "Invited by", cell: (row) => row.invitedBy ?? "the product" },
        {
          key: "until",
          header: "Works until",
          cell: (row) =>
            row.expiresAt < now ? <Badge tone="grey">Expired</Badge> : <Time at={row.expiresAt} />,
        },
        {
          key: "change",
          header: "Actions",
          narrow: true,
          cell: (row) => {
            const which = (
              <>
                {organizationId && (
                  <input type="hidden" name="organizationId" value={organizationId} />
                )}
                <input type="hidden" name="invitationId" value={row.id} />
              </>
            );
            return (
              <div className="flex w-max gap-2">
                <Form action={resend} className="w-max">
                  {which}
                  <SubmitButton
                    variant="secondary"
                    size="sm"
                    aria-label={`Send again to ${row.email}`}
                  >
                    Send again
                  </SubmitButton>
                </Form>
                <Confirm
                  trigger={
                    <Button
                      size="sm"
                      variant="quiet"
                      aria-label={`Revoke the invitation of ${row.email}`}
                    >
                      Revoke
                    </Button>
                  }
                  title={`Revoke the invitation of ${row.email}?`}
                  confirmLabel="Revoke invitation"
                  action={revoke}
                >
                  {which}
                  Its link stops working. You can invite them again.
                </Confirm>
              </div>
            );
          },
        },
      ]}
    />
  );
}
