import { CircleCheck, Hourglass } from "lucide-react";
import type { Metadata } from "next";
import { requireAdministrator } from "#app/_server/session.ts";
import { Empty } from "#app/_ui/empty.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Section } from "#app/_ui/section.tsx";
import { JOBS_MAX, listJobs } from "#lib/jobs/views.ts";
import { JobTable } from "./job-table.tsx";

export const metadata: Metadata = { title: "Jobs" };

/** Work that outlives a request: what waits, what runs, and what nobody tries again by itself. */
export default async function JobsPage() {
  const actor = await requireAdministrator();
  const [givenUp, running, waiting] = await Promise.all([
    listJobs(actor, { only: "given_up" }),
    listJobs(actor, { only: "running" }),
    listJobs(actor, { only: "waiting" }),
  ]);
  return (
    <>
      <PageHeader
        title="Jobs"
        description="Mails and chores that workers do beside syncs. What is done leaves this list."
      />
      <Section
        title="Given up"
        description="Nobody tries these again by itself. They are forgotten after some days."
        flush
      >
        <JobTable
          caption="Jobs that were given up, the newest first"
          rows={givenUp}
          state="given_up"
          empty={
            <Empty icon={<CircleCheck />} title="Nothing was given up">
              A job that still fails after its last try stands here with its reason.
            </Empty>
          }
        />
      </Section>
      <Section title="Running" flush>
        <JobTable
          caption="Jobs that run now"
          rows={running}
          state="running"
          empty={<Empty title="Nothing runs">Most jobs are done within a second.</Empty>}
        />
      </Section>
      <Section
        title="Waiting"
        description={waiting.length === JOBS_MAX ? `The newest ${JOBS_MAX}.` : undefined}
        flush
      >
        <JobTable
          caption="Jobs that wait, the newest first"
          rows={waiting}
          state="waiting"
          empty={
            <Empty icon={<Hourglass />} title="Nothing waits">
              A job waits for a free worker, for its time, or after a failure for its next try.
            </Empty>
          }
        />
      </Section>
    </>
  );
}
