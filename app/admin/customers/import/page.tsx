import { KeyRound } from "lucide-react";
import type { Metadata } from "next";
import { oneOf, readAddress, type SearchParams } from "#app/_server/address.ts";
import { shownMode } from "#app/_server/mode.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { ModeBadge } from "#app/_ui/badge.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { CheckField } from "#app/_ui/field.tsx";
import { Form } from "#app/_ui/form.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Card, Section } from "#app/_ui/section.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { config } from "#lib/config.ts";
import type { Mode } from "#lib/gateways/gateway.ts";
import { gateway as gatewayNamed, gatewayNames } from "#lib/gateways/registry.ts";
import { newestImport } from "#lib/imports/views.ts";
import { gatewayPage } from "#lib/settings/views.ts";
import { start } from "./actions.ts";
import { Left } from "./left.tsx";
import { Outcome } from "./outcome.tsx";
import { Progress } from "./progress.tsx";

export const metadata: Metadata = { title: "Import customers" };

/** Brings in what a gateway had before Billhook: how far it is, what it came to, and what is left to do by hand. */
export default async function ImportPage({ searchParams }: { searchParams: SearchParams }) {
  const actor = await requireAdministrator();
  const [asked, mode] = await Promise.all([readAddress(searchParams), shownMode()]);
  const gateway = oneOf(asked.gateway, gatewayNames) ?? gatewayNames[0] ?? "";
  const { title } = gatewayNamed(gateway);
  const [newest, settings] = await Promise.all([
    newestImport(actor, { gateway, mode }),
    gatewayPage(actor, gateway),
  ]);
  const isOpen = newest !== undefined && newest.finishedAt === null;
  return (
    <>
      <PageHeader
        title={`Import from ${title}`}
        breadcrumbs={[{ label: "Customers", href: "/admin/customers" }, { label: "Import" }]}
        status={<ModeBadge mode={mode} />}
        description={`Finds the organization of every customer that ${title} has, and mirrors their subscriptions. Nothing is changed at ${title}.`}
      />
      {isOpen && <Progress view={newest} title={title} />}
      {newest && !isOpen && <Outcome view={newest} />}
      {newest && !isOpen && <Left actor={actor} view={newest} asked={asked} />}
      {!isOpen &&
        (settings[mode].apiKey.source === "none" ? (
          <NoKey gateway={gateway} mode={mode} title={title} />
        ) : (
          <Begin gateway={gateway} mode={mode} isFirst={!newest} />
        ))}
    </>
  );
}

type Where = { gateway: string; mode: Mode };

function Begin({ gateway, mode, isFirst }: Where & { isFirst: boolean }) {
  return (
    <Section
      title={isFirst ? "Import" : "Import again"}
      description="A customer is matched by what its checkout, subscription or metadata says, then by its e-mail address, if that is of exactly one organization. What is linked already is never moved, so running it again is safe."
    >
      <Form action={start}>
        <input type="hidden" name="gateway" value={gateway} />
        <input type="hidden" name="mode" value={mode} />
        {mode === config().mode && (
          <CheckField
            name="makesOrganizations"
            label="Make an organization for each customer that matches none"
            hint="With the customer’s name and e-mail address. Nobody is invited. Without this, they are listed for you to link by hand."
          />
        )}
        <SubmitButton className="justify-self-start">Import customers</SubmitButton>
      </Form>
    </Section>
  );
}

function NoKey({ gateway, mode, title }: Where & { title: string }) {
  return (
    <Card>
      <Empty
        icon={<KeyRound />}
        title={`There is no ${mode} API key`}
        action={
          <ButtonLink variant="primary" href={`/admin/settings/gateways/${gateway}`}>
            Add an API key
          </ButtonLink>
        }
      >
        An import asks {title} for its lists of customers and subscriptions. Webhooks alone do not
        tell what was there before.
      </Empty>
    </Card>
  );
}
