import type { ReactNode } from "react";
import { Button } from "#app/_ui/button.tsx";
import { Confirm } from "#app/_ui/confirm.tsx";
import { type Column, Table } from "#app/_ui/table.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { JobRow } from "#lib/jobs/views.ts";
import { tryAgain } from "./actions.ts";
import { JOB_WORDS } from "./words.ts";

/** Jobs in one state, with what somebody wants to know about that state. */
export function JobTable({
  caption,
  rows,
  state,
  empty,
}: {
  caption: string;
  rows: readonly JobRow[];
  state: "given_up" | "running" | "waiting";
  empty: ReactNode;
}) {
  return (
    <Table
      caption={caption}
      rows={rows}
      rowKey={(row) => row.id}
      columns={[
        NAME,
        WHY,
        TRIES,
        state === "waiting" ? DUE : SINCE,
        ...(state === "given_up" ? [AGAIN] : []),
      ]}
      empty={empty}
    />
  );
}

const NAME: Column<JobRow> = {
  key: "job",
  header: "Job",
  wide: true,
  cell: (row) => (
    <span className="grid min-w-0">
      <span>{JOB_WORDS[row.kind]}</span>
      <span className="truncate font-mono text-xs font-normal text-muted">{row.kind}</span>
    </span>
  ),
};

const WHY: Column<JobRow> = {
  key: "why",
  header: "Last failure",
  wide: true,
  cell: (row) => <span className="wrap-anywhere text-muted">{row.reason ?? "None"}</span>,
};

const TRIES: Column<JobRow> = {
  key: "tries",
  header: "Tries",
  align: "right",
  narrow: true,
  cell: (row) => `${row.attempts} of ${row.attemptsMax}`,
};

const SINCE: Column<JobRow> = {
  key: "since",
  header: "Since",
  narrow: true,
  cell: (row) => <Time at={row.endedAt ?? row.createdAt} />,
};

const DUE: Column<JobRow> = {
  key: "due",
  header: "Due",
  narrow: true,
  cell: (row) => <Time at={row.dueAt} />,
};

const AGAIN: Column<JobRow> = {
  key: "again",
  header: "Try again",
  narrow: true,
  cell: (row) => (
    <Confirm
      tone="primary"
      trigger={<Button size="sm">Try again</Button>}
      title="Try this job again?"
      confirmLabel="Try again"
      action={tryAgain}
    >
      <p>
        {JOB_WORDS[row.kind]}: it goes back into its queue with one more try. Every job bears being
        done twice.
      </p>
      <input type="hidden" name="kind" value={row.kind} />
      <input type="hidden" name="jobId" value={row.id} />
    </Confirm>
  ),
};
