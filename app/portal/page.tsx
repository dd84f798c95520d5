import { Building2 } from "lucide-react";
import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { roleWord } from "#app/_people/roles.ts";
import { requireIdentity } from "#app/_server/session.ts";
import { settings } from "#app/_server/settings.ts";
import { SignOutButton } from "#app/_server/sign-out-button.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { PortalFrame } from "#app/_ui/portal-frame.tsx";
import { Section } from "#app/_ui/section.tsx";
import { Table } from "#app/_ui/table.tsx";
import { readQuery, withChoice } from "./[org]/subscribe/query.ts";

export const metadata: Metadata = { title: "Organizations" };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

/** Where to go when somebody belongs to more than one organization; with one, it is no question. */
export default async function PortalPage({ searchParams }: Props) {
  const { user, organizations, isAdministrator } = await requireIdentity();
  const wish = readQuery(await searchParams);
  // Who chose a plan before they signed in goes on with it.
  const pathOf = ({ slug, role }: (typeof organizations)[number]) =>
    wish.plan && role !== "member"
      ? withChoice(`/portal/${slug}/subscribe`, wish)
      : `/portal/${slug}`;
  const { productName } = await settings();
  const [only, ...others] = organizations;
  if (only && others.length === 0) redirect(pathOf(only));
  const links = [
    { label: "Account", href: "/account" },
    ...(isAdministrator ? [{ label: "Administration", href: "/admin" }] : []),
  ];
  return (
    <PortalFrame
      operator={productName}
      nav={[]}
      account={{ name: user.name, email: user.email, links, signOut: <SignOutButton /> }}
    >
      <PageHeader
        title="Organizations"
        description={
          wish.plan
            ? "Choose the one that the plan is for."
            : "Choose the one that you want to look at."
        }
      />
      <Section title="Yours" flush>
        <Table
          caption="Organizations that you belong to"
          rows={organizations}
          rowKey={(row) => row.id}
          rowHref={pathOf}
          columns={[
            { key: "name", header: "Organization", cell: (row) => row.name },
            { key: "role", header: "Your role", cell: (row) => roleWord(row.role) },
          ]}
          empty={
            <Empty
              title="You belong to no organization yet"
              icon={<Building2 />}
              action={
                isAdministrator && <ButtonLink href="/admin">Go to administration</ButtonLink>
              }
            >
              Ask an owner of yours to invite {user.email}. The invitation comes by mail.
            </Empty>
          }
        />
      </Section>
    </PortalFrame>
  );
}
