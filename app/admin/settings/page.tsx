import { ChevronRight } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { requireAdministrator } from "#app/_server/session.ts";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Section } from "#app/_ui/section.tsx";
import { counted } from "#lib/counted.ts";
import { gateway, gatewayNames } from "#lib/gateways/registry.ts";
import { gatewayPage, productSettings } from "#lib/settings/views.ts";

export const metadata: Metadata = { title: "Settings" };

/** Everything that the operator chooses, with where it stands now. */
export default async function SettingsPage() {
  const actor = await requireAdministrator();
  const [product, ...gateways] = await Promise.all([
    productSettings(),
    ...gatewayNames.map((name) => gatewayPage(actor, name)),
  ]);
  return (
    <>
      <PageHeader title="Settings" />
      <Section title="Product" flush>
        <Entries>
          <Entry
            href="/admin/settings/general"
            title="General"
            state={`${product.productName} at ${product.publicUrl}, ${counted(product.graceDays, "day")} of grace`}
          />
          <Entry
            href="/admin/plans"
            title="Plans and tiers"
            state="What is sold, what it allows, and which gateway prices sell it"
          />
        </Entries>
      </Section>
      <Section title="Gateways" id="gateways" flush>
        <Entries>
          {gateways.map((page) => (
            <Entry
              key={page.gateway}
              href={`/admin/settings/gateways/${page.gateway}`}
              title={gateway(page.gateway).title}
              state={[page.test, page.live].map(summary).join(" · ")}
            />
          ))}
        </Entries>
      </Section>
      <Section title="Access" flush>
        <Entries>
          <Entry
            href="/admin/settings/administrators"
            title="Administrators"
            state="Who runs this deployment"
          />
          <Entry
            href="/admin/settings/api-keys"
            title="API keys"
            state="For the product that embeds Billhook"
          />
        </Entries>
      </Section>
    </>
  );
}

function summary({ mode, secrets, apiKey }: Awaited<ReturnType<typeof gatewayPage>>["test"]) {
  const count = secrets.filter(({ status }) => status === "active" || status === "retiring").length;
  const title = mode === "test" ? "Test" : "Live";
  if (count === 0) return `${title}: not connected`;
  const words = counted(count, "secret");
  return `${title}: ${words}, ${apiKey.source === "none" ? "no API key" : "API key"}`;
}

function Entries({ children }: { children: ReactNode }) {
  return <ul className="divide-y divide-line">{children}</ul>;
}

function Entry({ href, title, state }: { href: string; title: string; state: string }) {
  return (
    <li>
      <Link
        href={href}
        data-row-link=""
        className="flex items-center justify-between gap-4 rounded-md px-4 py-3 text-ink no-underline -outline-offset-2 hover:bg-hover sm:px-5"
      >
        <span className="grid min-w-0">
          <span className="text-sm font-medium">{title}</span>
          <span className="text-sm break-words text-muted">{state}</span>
        </span>
        <ChevronRight className="size-4 shrink-0 text-muted" aria-hidden="true" />
      </Link>
    </li>
  );
}
