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

const WHAT_TO_DO: Readonly<Record<string, string>> = {
  signature_missing:
    "Genuine webhooks are signed. If this came from your gateway, something between it and Billhook drops the signature header: look at your proxy. Otherwise somebody tried the address; nothing is wrong.",
  signature_malformed:
    "The signature header is not in the gateway’s form. Look at what stands between the gateway and Billhook; if nothing does, somebody tried the address by hand.",
  signature_mismatch:
    "Compare the signing secret here with the one that the gateway shows for this endpoint. When you add the right one, this request is verified again and nothing is lost.",
  timestamp_too_old:
    "It was signed more than five minutes before it arrived: an old request sent again, or a clock that is wrong. The gateway signs anew whenever it retries, so nothing is lost.",
  timestamp_in_future:
    "It claims to be from the future: this machine’s clock is behind. Switch time synchronization on; the gateway will deliver again.",
  mode_mismatch:
    "The payload says one mode, the secret that signed it belongs to the other. Put the secret under the right mode in the settings.",
  no_secret:
    "No signing secret is set up, so nothing can be believed. Add the gateway’s secret; requests that wait here are then verified.",
};

/** A request that was not believed: why, and what to do about it. */
export default async function RefusedPage({ params }: { params: Promise<{ id: string }> }) {
  const actor = await requireAdministrator();
  const refused = await findRefused(actor, (await params).id);
  if (!refused) notFound();
  const { acceptedAt, eventId, body } = refused;
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
          title={<span className="text-lg">{refused.diagnosis}</span>}
          action={
            <ButtonLink variant="primary" href={`/admin/settings/gateways/${refused.gateway}`}>
              Open the gateway’s settings
            </ButtonLink>
          }
        >
          {WHAT_TO_DO[refused.refusal]}
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
