import { CreditCard } from "lucide-react";
import { Badge } from "#app/_ui/badge.tsx";
import { Button } from "#app/_ui/button.tsx";
import { Confirm } from "#app/_ui/confirm.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { Form } from "#app/_ui/form.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { Table } from "#app/_ui/table.tsx";
import type { Member } from "#lib/actor.ts";
import type { PaymentMethods, ShownMethod } from "#lib/billing/paying/views.ts";
import { makeDefault, remove } from "./actions.ts";

type Props = { actor: Member; paying: PaymentMethods };

/** The cards, the one that pays first, each with what may be done with it. */
export function Methods({ actor, paying }: Props) {
  return (
    <Table
      caption="Payment methods"
      rows={paying.methods}
      rowKey={(row) => row.id}
      columns={[
        {
          key: "method",
          header: "Payment method",
          cell: (row) => (
            <span className="inline-flex flex-wrap items-center gap-2">
              {row.words}
              {row.isDefault && <Badge tone="green">Default</Badge>}
            </span>
          ),
        },
        { key: "expires", header: "Expires", cell: (row) => <Expiry method={row} /> },
        {
          key: "change",
          header: "Actions",
          cell: (row) => <Changes method={row} actor={actor} paying={paying} />,
        },
      ]}
      empty={
        <Empty icon={<CreditCard />} title="No card yet">
          Add one, so that your plan goes on when it renews.
        </Empty>
      }
    />
  );
}

function Expiry({ method: { expMonth, expYear, expiry } }: { method: ShownMethod }) {
  if (expMonth === null || expYear === null) return <span className="text-muted">—</span>;
  return (
    <span className="inline-flex flex-wrap items-center gap-2 tabular-nums">
      {String(expMonth).padStart(2, "0")}/{expYear}
      {expiry === "expired" && <Badge tone="red">Expired</Badge>}
      {expiry === "this_month" && <Badge tone="amber">Expires this month</Badge>}
    </span>
  );
}

function Changes({ method, actor, paying }: Props & { method: ShownMethod }) {
  const which = (
    <>
      <input type="hidden" name="organizationId" value={actor.organizationId} />
      <input type="hidden" name="revision" value={paying.revision} />
      <input type="hidden" name="methodId" value={method.id} />
    </>
  );
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap gap-2 empty:hidden">
        {!method.isDefault && (
          <Form action={makeDefault}>
            {which}
            <SubmitButton
              size="sm"
              variant="secondary"
              aria-label={`Make default: ${method.words}`}
            >
              Make default
            </SubmitButton>
          </Form>
        )}
        {!method.cannotRemove && (
          <Confirm
            trigger={
              <Button size="sm" variant="quiet" aria-label={`Remove ${method.words}`}>
                Remove
              </Button>
            }
            title={`Remove ${method.words}?`}
            confirmLabel="Remove card"
            action={remove}
          >
            {which}
            Nothing is charged to it any more. To use it again, it has to be entered again.
          </Confirm>
        )}
      </div>
      {method.cannotRemove && <p className="text-xs text-muted">{method.cannotRemove}</p>}
    </div>
  );
}
