import type { Metadata } from "next";
import type { ReactNode } from "react";
import { requireIdentity, requireMember } from "#app/_server/session.ts";
import { settings } from "#app/_server/settings.ts";
import { SignOutButton } from "#app/_server/sign-out-button.tsx";
import { PortalFrame } from "#app/_ui/portal-frame.tsx";
import { hasShop } from "#lib/billing/ordering/views.ts";
import { config } from "#lib/config.ts";

export const metadata: Metadata = { title: { default: "Portal", template: "%s · Portal" } };

type Props = { children: ReactNode; params: Promise<{ org: string }> };

/** One organization, for the people who belong to it. Each page asks again who may see it. */
export default async function OrganizationLayout({ children, params }: Props) {
  const member = await requireMember((await params).org);
  const [{ user, organizations, isAdministrator, portalOf }, { productName }, sells] =
    await Promise.all([
      requireIdentity(),
      settings(),
      member.role !== "member" && hasShop(member.organizationId),
    ]);
  const here = organizations.find(({ id }) => id === member.organizationId);
  const base = `/portal/${here?.slug}`;
  const links = [
    ...(portalOf ? [] : [{ label: "Account", href: "/account" }]),
    ...(isAdministrator ? [{ label: "Administration", href: "/admin" }] : []),
  ];
  return (
    <PortalFrame
      operator={productName}
      homeHref={base}
      mode={config().mode}
      organization={{
        name: here?.name ?? "",
        switchHref: organizations.length > 1 ? "/portal" : undefined,
      }}
      nav={[
        { label: member.role === "member" ? "Plan" : "Billing", href: `${base}/billing` },
        ...(member.role === "member" ? [] : [{ label: "Invoices", href: `${base}/invoices` }]),
        ...(sells ? [{ label: "Shop", href: `${base}/shop` }] : []),
        { label: "Members", href: `${base}/members` },
      ]}
      account={{ name: user.name, email: user.email, links, signOut: <SignOutButton /> }}
    >
      {children}
    </PortalFrame>
  );
}
