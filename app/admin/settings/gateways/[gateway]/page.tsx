import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { requireAdministrator } from "#app/_server/session.ts";
import { Banner } from "#app/_ui/banner.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { findGateway } from "#lib/gateways/registry.ts";
import { type GatewayPage, gatewayPage } from "#lib/settings/views.ts";
import { Address } from "./address.tsx";
import { Side } from "./side.tsx";

type Props = { params: Promise<{ gateway: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: findGateway((await params).gateway)?.title ?? "Gateway" };
}

/** One payment company: the address that it calls, the secrets that prove it, the key to ask it. */
export default async function GatewaySettingsPage({ params }: Props) {
  const actor = await requireAdministrator();
  const { gateway } = await params;
  if (!findGateway(gateway)) notFound();
  const page = await gatewayPage(actor, gateway);
  return (
    <>
      <PageHeader
        title={page.title}
        breadcrumbs={[
          { label: "Settings", href: "/admin/settings" },
          { label: "Gateways", href: "/admin/settings#gateways" },
          { label: page.title },
        ]}
        description={`Connect ${page.title} in three steps: tell it our address, paste the signing secret that it shows, and, if you like, an API key.`}
      />
      {page.environmentProblem && (
        <Banner tone="danger" title="The environment cannot be used as it is">
          {page.environmentProblem} Until it is mended no webhook is accepted.
        </Banner>
      )}
      <ModeProblem page={page} />
      <Address page={page} />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-8 lg:grid-cols-2">
        <Side page={page} side={page.test} />
        <Side page={page} side={page.live} />
      </div>
    </>
  );
}

/** Tiers come from one mode: secrets that are only in the other one would change nothing. */
function ModeProblem({ page }: { page: GatewayPage }) {
  const mode = page.deploymentMode;
  const other = mode === "test" ? "live" : "test";
  const works = (side: GatewayPage["test"]) =>
    side.secrets.some(({ status }) => status === "active" || status === "retiring");
  if (works(page[mode]) || !works(page[other])) {
    if (mode === "live" || !works(page.live)) return null;
    return (
      <Banner tone="warning" title="Live events do not move tiers here">
        This deployment runs in test mode, so organizations get their tiers from test data only.
        Live events are received and recorded. To switch, start Billhook with{" "}
        <code className="font-mono">BILLHOOK_MODE=live</code>.
      </Banner>
    );
  }
  return (
    <Banner tone="warning" title={`There is no ${mode} signing secret`}>
      This deployment runs in {mode} mode: organizations get their tiers from {mode} data only, and
      only {other} secrets are active. Add a {mode} secret, or start Billhook with{" "}
      <code className="font-mono">BILLHOOK_MODE={other}</code>.
    </Banner>
  );
}
