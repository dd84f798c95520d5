import { ScrollText } from "lucide-react";
import type { Metadata } from "next";
import { Suspense } from "react";
import { ListProblem } from "#app/_lists/list-problem.tsx";
import { ListSkeleton } from "#app/_lists/list-skeleton.tsx";
import {
  type Address,
  listed,
  neighbours,
  pageRequest,
  readAddress,
  type SearchParams,
} from "#app/_server/address.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { Empty } from "#app/_ui/empty.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Pagination } from "#app/_ui/pagination.tsx";
import { Card } from "#app/_ui/section.tsx";
import { Table } from "#app/_ui/table.tsx";
import { TextLink } from "#app/_ui/text-link.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { Administrator } from "#lib/actor.ts";
import { listDeeds } from "#lib/audit/views.ts";

export const metadata: Metadata = { title: "Audit log" };

const PATH = "/admin/audit";

type Deed = Awaited<ReturnType<typeof listDeeds>>["rows"][number];

/** What people and API clients did here: who, what, before and after, from where. */
export default async function AuditPage({ searchParams }: { searchParams: SearchParams }) {
  const actor = await requireAdministrator();
  const asked = await readAddress(searchParams);
  return (
    <>
      <PageHeader
        title="Audit log"
        description="What people and API clients did. What gateways did is under Webhooks."
      />
      <Suspense fallback={<ListSkeleton />}>
        <Deeds actor={actor} asked={asked} />
      </Suspense>
    </>
  );
}

async function Deeds({ actor, asked }: { actor: Administrator; asked: Address }) {
  const filter = { organizationId: asked.organization };
  const { list, problem } = await listed(() => listDeeds(actor, pageRequest(asked), filter));
  if (!list) return <ListProblem problem={problem} href={PATH} />;
  return (
    <Card flush>
      <Table
        caption="Deeds, newest first"
        rows={list.rows}
        rowKey={(deed) => deed.id}
        columns={[
          {
            key: "action",
            header: "What",
            cell: (deed) => (
              <span className="grid min-w-0">
                <span>{inWords(deed.action)}</span>
                <span className="font-mono text-xs font-normal break-all text-muted">
                  {deed.subject}
                </span>
              </span>
            ),
          },
          { key: "who", header: "Who", cell: (deed) => <Who deed={deed} /> },
          {
            key: "how",
            header: "Before and after",
            cell: (deed) => <BeforeAndAfter deed={deed} />,
          },
          {
            key: "organization",
            header: "Organization",
            cell: ({ organizationId }) =>
              organizationId ? (
                <TextLink href={`/admin/organizations/${organizationId}`}>Open</TextLink>
              ) : (
                <span className="text-muted">—</span>
              ),
            narrow: true,
          },
          { key: "at", header: "When", cell: (deed) => <Time at={deed.at} />, narrow: true },
        ]}
        empty={
          <Empty icon={<ScrollText />} title="Nobody has done anything yet">
            Every change that a person or an API client makes stands here, with who made it.
          </Empty>
        }
      />
      <Pagination {...neighbours(PATH, asked, list)} />
    </Card>
  );
}

function Who({ deed }: { deed: Deed }) {
  return (
    <span className="grid min-w-0">
      <span className="break-all">{deed.actorLabel}</span>
      <span className="text-xs text-muted">
        {deed.actorKind === "api_key"
          ? "API key"
          : deed.actorKind === "command_line"
            ? "Command line"
            : (deed.ip ?? "Signed in")}
      </span>
    </span>
  );
}

function BeforeAndAfter({ deed }: { deed: Deed }) {
  const lines = [
    deed.before !== null && deed.before !== undefined
      ? `before: ${fields(deed.before)}`
      : undefined,
    deed.after !== null && deed.after !== undefined ? `after: ${fields(deed.after)}` : undefined,
    deed.reason ? `because: ${deed.reason}` : undefined,
  ].filter((line) => line !== undefined);
  if (lines.length === 0) return <span className="text-muted">—</span>;
  return (
    <span className="grid gap-0.5 text-xs wrap-anywhere text-muted">
      {lines.map((line) => (
        <span key={line}>{line}</span>
      ))}
    </span>
  );
}

function fields(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([name, inner]) => `${name} ${typeof inner === "string" ? inner : JSON.stringify(inner)}`)
    .join(", ");
}

/** "customer.link" is "Customer: link". */
function inWords(action: string): string {
  const words = action.replaceAll("_", " ").replace(".", ": ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
