import { Badge } from "#app/_ui/badge.tsx";
import { Form } from "#app/_ui/form.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { Table } from "#app/_ui/table.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { sessionsOf } from "#lib/identity/people/views.ts";
import { endOne } from "./actions.ts";

type Row = Awaited<ReturnType<typeof sessionsOf>>[number];

/** Where somebody is signed in, each with its end. */
export function Sessions({ rows, currentId }: { rows: readonly Row[]; currentId: string }) {
  return (
    <Table
      caption="Browsers in which you are signed in"
      rows={rows}
      rowKey={(row) => row.id}
      columns={[
        {
          key: "browser",
          header: "Browser",
          cell: (row) => (
            <span className="inline-flex flex-wrap items-center gap-2">
              {browserName(row.userAgent)}
              {row.id === currentId && <Badge tone="green">This one</Badge>}
              {row.portal && <Badge>Portal of {row.portal} only</Badge>}
            </span>
          ),
        },
        { key: "ip", header: "Address", cell: (row) => row.ip ?? "unknown" },
        { key: "since", header: "Signed in", cell: (row) => <Time at={row.createdAt} /> },
        { key: "seen", header: "Last used", cell: (row) => <Time at={row.lastSeenAt} /> },
        {
          key: "end",
          header: "Actions",
          narrow: true,
          cell: (row) =>
            row.id === currentId ? null : (
              <Form action={endOne} className="w-max">
                <input type="hidden" name="sessionId" value={row.id} />
                <SubmitButton variant="secondary" size="sm">
                  Sign out
                </SubmitButton>
              </Form>
            ),
        },
      ]}
    />
  );
}

/** Good enough for somebody to recognise their own. */
function browserName(userAgent: string | null): string {
  if (!userAgent) return "Unknown browser";
  const browser = /(Edg|OPR|Firefox|Chrome|Safari)\//.exec(userAgent)?.[1] ?? "Browser";
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(userAgent)?.[1];
  const names: Readonly<Record<string, string>> = { Edg: "Edge", OPR: "Opera" };
  const name = names[browser] ?? browser;
  return system ? `${name} on ${system.replace("Mac OS X", "macOS")}` : name;
}
