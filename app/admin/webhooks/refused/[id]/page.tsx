import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { requireAdministrator } from "#app/_server/session.ts";
import { Badge } from "#app/_ui/badge.tsx";
import { Banner } from "#app/_ui/banner.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { CodeBlock } from "#app/_ui/code-block.tsx";
import { Columns } from "#app/_ui/columns.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { Facts } from "#app/_ui/facts.tsx";
import { Id } from "#app/_ui/id.tsx";
import { JsonViewer } from "#app/_ui/json-viewer.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Section } from "#app/_ui/section.tsx";
import { Time } from "#app/_ui/time.tsx";
import { findRefused } from "#lib/inbox/refused-views.ts";
import { refusalWord, sentenceCase } from "../../../_parts/words.ts";

export const metadata: Metadata = { title: "Refused request" };

const SECRET_MENDED =
  "As soon as the right secret is here, this request is verified again by itself: nothing is lost.";
const SIGNED_ANEW = "The gateway signs anew whenever it tries again, so nothing is lost.";
const TRIED_BY_HAND =
  "If nothing in front of Billhook drops or changes the header, somebody tried the address by hand, and nothing is wrong.";

/** What follows for whoever reads it; what to do says the diagnosis itself. */
const CONSEQUENCES: Readonly<Record<string, string>> = {
  signature_missing: TRIED_BY_HAND,
  signature_malformed: TRIED_BY_HAND,
  signature_mismatch: SECRET_MENDED,
  mode_mismatch: SECRET_MENDED,
  no_secret: SECRET_MENDED,
  timestamp_too_old: SIGNED_ANEW,
  timestamp_in_future: SIGNED_ANEW,
};

/** Commands stand between backticks. */
function Advice({ text }: { text: string }) {
  const parts = text.split(/`([^`]+)`/);
  return (
    <p>
      {parts.map((part, index) =>
        index % 2 === 1 ? (
          <code key={part} className="font-mono">
            {part}
          </code>
        ) : (
          part
        ),
      )}
    </p>
  );
}

/** A request that was not believed: why, and what to do about it. */
export default async function RefusedPage({ params }: { params: Promise<{ id: string }> }) {
  const actor = await requireAdministrator();
  const refused = await findRefused(actor, (await params).id);
  if (!refused) notFound();
  const { acceptedAt, eventId, body } = refused;
  const [, finding, advice] = /^(.+?[.:])\s+(.*)$/s.exec(refused.diagnosis) ?? [
    "",
    refused.diagnosis,
  ];
  return (
    <>
      <PageHeader
        title={refusalWord(refused.refusal)}
        breadcrumbs={[
          { label: "Webhooks", href: "/admin/webhooks" },
          { label: "Refused", href: "/admin/webhooks?verdict=refused" },
          { label: refused.id },
        ]}
        status={
          acceptedAt ? (
            <Badge tone="green">Accepted later</Badge>
          ) : (
            <Badge tone="red">Refused</Badge>
          )
        }
        description={<Time at={refused.receivedAt} />}
      />
      {acceptedAt ? (
        <Banner
          tone="success"
          title="It was believed after all"
          action={
            eventId && <ButtonLink href={`/admin/webhooks/${eventId}`}>Open the event</ButtonLink>
          }
        >
          A mended secret proved it <Time at={acceptedAt} />. It was processed like any other.
        </Banner>
      ) : (
        <Banner
          tone="danger"
          title={<span className="text-lg">{finding}</span>}
          action={
            <ButtonLink variant="primary" href={`/admin/settings/gateways/${refused.gateway}`}>
              Open the gateway’s settings
            </ButtonLink>
          }
        >
          <div className="mt-1 grid gap-2">
            {advice && <Advice text={advice} />}
            {CONSEQUENCES[refused.refusal] && <p>{CONSEQUENCES[refused.refusal]}</p>}
          </div>
        </Banner>
      )}
      <Columns
        aside={
          <Section title="Request">
            <Facts
              items={[
                { label: "Our id", value: <Id value={refused.id} /> },
                { label: "Gateway", value: sentenceCase(refused.gateway) },
                { label: "Verdict", value: refusalWord(refused.refusal) },
                acceptedAt && { label: "Diagnosis then", value: refused.diagnosis },
                { label: "Received", value: <Time at={refused.receivedAt} relative={false} /> },
                { label: "From", value: refused.remoteAddress ?? "unknown" },
                { label: "Size", value: `${refused.bodySize.toLocaleString("en")} bytes` },
              ]}
            />
          </Section>
        }
      >
        <Section title="Body" flush>
          {body ? (
            <JsonViewer text={body.toString("utf8")} label="Body" />
          ) : (
            <Empty title="The body was not kept">
              It was too large, or too many requests were refused at the time.
            </Empty>
          )}
        </Section>
        <Section title="Headers" flush>
          <CodeBlock
            code={Object.entries(refused.headers)
              .map(([name, value]) => `${name}: ${value}`)
              .join("\n")}
          />
        </Section>
      </Columns>
    </>
  );
}
