import { Banner } from "#app/_ui/banner.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { CodeBlock } from "#app/_ui/code-block.tsx";
import { CopyButton } from "#app/_ui/copy-button.tsx";
import { Section } from "#app/_ui/section.tsx";
import type { GatewayPage } from "#lib/settings/views.ts";
import { GUIDES } from "./guides.ts";

/** The address to give to the gateway, whether it can be reached, and the events to select there. */
export function Address({ page }: { page: GatewayPage }) {
  const guide = GUIDES[page.gateway];
  return (
    <Section
      title="Webhook address"
      description={`Make an endpoint in ${page.title} with this address, once in test mode and once in live mode. Both use the same one.`}
    >
      <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-4">
        <CodeBlock title="Webhook address" code={page.webhookUrl} />
        {page.isLocal && (
          <Banner
            tone="warning"
            title={`${page.title} cannot reach this address`}
            action={
              <ButtonLink size="sm" href="/admin/settings/general">
                Set the public address
              </ButtonLink>
            }
          >
            It names this machine only. Set the public address of this deployment or of your tunnel,
            or forward events with the line below.
          </Banner>
        )}
        {page.isLocal && guide && (
          <div className="grid min-w-0 gap-1.5">
            <CodeBlock title="Forward test events to here" code={guide.forward(page.webhookUrl)} />
            <p className="text-sm text-muted">{guide.forwardHint}</p>
          </div>
        )}
        <details className="group min-w-0">
          <summary className="w-fit cursor-pointer rounded-sm text-sm font-medium">
            {page.eventTypes.length} events to select in {page.title}
          </summary>
          <div className="mt-3 grid min-w-0 gap-3">
            <div className="flex flex-wrap items-center gap-3 text-sm text-muted">
              <p className="max-w-prose">
                Others do no harm: they are stored, and what is about nothing known here is ignored.
              </p>
              <CopyButton text={page.eventTypes.join("\n")} label="Copy all events">
                Copy all
              </CopyButton>
            </div>
            <ul className="grid gap-x-6 gap-y-1 font-mono text-[0.8125rem] break-all sm:grid-cols-2 xl:grid-cols-3">
              {page.eventTypes.map((type) => (
                <li key={type}>{type}</li>
              ))}
            </ul>
          </div>
        </details>
      </div>
    </Section>
  );
}
