import { KeyRound } from "lucide-react";
import type { Metadata } from "next";
import { requireAdministrator } from "#app/_server/session.ts";
import { Badge } from "#app/_ui/badge.tsx";
import { Button } from "#app/_ui/button.tsx";
import { Confirm } from "#app/_ui/confirm.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Section } from "#app/_ui/section.tsx";
import { Table } from "#app/_ui/table.tsx";
import { Time } from "#app/_ui/time.tsx";
import { listApiKeys } from "#lib/identity/api-keys/views.ts";
import { revoke } from "./actions.ts";
import { NewKey } from "./new-key.tsx";

export const metadata: Metadata = { title: "API keys" };

/** Keys of the product that embeds Billhook. */
export default async function ApiKeysPage() {
  const keys = await listApiKeys(await requireAdministrator());
  return (
    <>
      <PageHeader
        title="API keys"
        breadcrumbs={[{ label: "Settings", href: "/admin/settings" }, { label: "API keys" }]}
        description="With a key, your product makes organizations and reads what they may use."
        actions={<NewKey />}
      />
      <Section title="Keys" flush>
        <Table
          caption="API keys"
          rows={keys}
          rowKey={(row) => row.id}
          empty={
            <Empty title="No key yet" icon={<KeyRound />}>
              Create one for each place that calls Billhook, so that each can be revoked alone.
            </Empty>
          }
          columns={[
            { key: "label", header: "For", cell: (row) => row.label },
            {
              key: "key",
              header: "Key",
              cell: (row) => <code className="font-mono">bhk_…{row.lastFour}</code>,
            },
            {
              key: "made",
              header: "Created",
              cell: (row) => (
                <>
                  <Time at={row.createdAt} />
                  {row.createdBy && <span className="text-muted"> by {row.createdBy}</span>}
                </>
              ),
            },
            {
              key: "used",
              header: "Last used",
              cell: (row) => (row.lastUsedAt ? <Time at={row.lastUsedAt} /> : "Never"),
            },
            {
              key: "state",
              header: "State",
              narrow: true,
              cell: (row) =>
                row.revokedAt ? (
                  <Badge tone="grey">Revoked</Badge>
                ) : (
                  <Confirm
                    trigger={
                      <Button size="sm" variant="quiet" aria-label={`Revoke the key ${row.label}`}>
                        Revoke
                      </Button>
                    }
                    title={`Revoke the key “${row.label}”?`}
                    confirmLabel="Revoke key"
                    action={revoke}
                  >
                    <input type="hidden" name="keyId" value={row.id} />
                    Whatever still uses bhk_…{row.lastFour} is refused at once. It cannot be taken
                    back; make a new key first.
                  </Confirm>
                ),
            },
          ]}
        />
      </Section>
    </>
  );
}
