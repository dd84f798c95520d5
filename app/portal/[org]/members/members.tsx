import { ROLE_OPTIONS, roleWord } from "#app/_people/roles.ts";
import { Badge } from "#app/_ui/badge.tsx";
import { Button } from "#app/_ui/button.tsx";
import { Confirm } from "#app/_ui/confirm.tsx";
import { SelectField } from "#app/_ui/field.tsx";
import { FormDialog } from "#app/_ui/form-dialog.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { Table } from "#app/_ui/table.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { Member } from "#lib/actor.ts";
import type { listMembers } from "#lib/identity/views.ts";
import { remove, saveRole } from "./actions.ts";

type Row = Awaited<ReturnType<typeof listMembers>>[number];

export function Members({ rows, actor }: { rows: readonly Row[]; actor: Member }) {
  return (
    <Table
      caption="Members of this organization"
      rows={rows}
      rowKey={(row) => row.userId}
      columns={[
        {
          key: "name",
          header: "Name",
          cell: (row) => (
            <span className="inline-flex flex-wrap items-center gap-2">
              {row.name}
              {row.userId === actor.userId && <Badge>You</Badge>}
            </span>
          ),
        },
        {
          key: "email",
          header: "E-mail address",
          cell: (row) => <span className="break-all">{row.email}</span>,
        },
        { key: "role", header: "Role", cell: (row) => roleWord(row.role) },
        { key: "since", header: "Since", cell: (row) => <Time at={row.since} dateOnly /> },
        {
          key: "change",
          header: "Actions",
          narrow: true,
          cell: (row) => <Changes row={row} actor={actor} />,
        },
      ]}
    />
  );
}

function Changes({ row, actor }: { row: Row; actor: Member }) {
  const isMe = row.userId === actor.userId;
  const who = (
    <>
      <input type="hidden" name="organizationId" value={actor.organizationId} />
      <input type="hidden" name="userId" value={row.userId} />
    </>
  );
  return (
    <div className="flex w-max gap-2">
      {actor.role === "owner" && (
        <FormDialog
          trigger={
            <Button size="sm" aria-label={`Change role of ${row.name}`}>
              Change role
            </Button>
          }
          title={`Change the role of ${row.name}`}
          description={isMe ? "You are signed out." : "They are signed out, and sign in again."}
          action={saveRole}
        >
          {who}
          <SelectField name="role" label="Role" options={ROLE_OPTIONS} defaultValue={row.role} />
          <SubmitButton>Change role</SubmitButton>
        </FormDialog>
      )}
      {(actor.role === "owner" || isMe) && (
        <Confirm
          trigger={
            <Button size="sm" variant="quiet" aria-label={isMe ? "Leave" : `Remove ${row.name}`}>
              {isMe ? "Leave" : "Remove"}
            </Button>
          }
          title={isMe ? "Leave this organization?" : `Remove ${row.name}?`}
          confirmLabel={isMe ? "Leave organization" : "Remove member"}
          action={remove}
        >
          {who}
          {isMe
            ? "You lose access at once and are signed out. An owner can invite you again."
            : `${row.email} loses access at once and is signed out. You can invite them again.`}
        </Confirm>
      )}
    </div>
  );
}
