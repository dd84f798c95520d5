import type { ReactNode } from "react";
import { requireIdentity } from "#app/_server/session.ts";
import { settings } from "#app/_server/settings.ts";
import { SignOutButton } from "#app/_server/sign-out-button.tsx";
import { PortalFrame } from "#app/_ui/portal-frame.tsx";

/** The account belongs to a person, not to an organization: it has the calm frame and no organization. */
export default async function AccountLayout({ children }: { children: ReactNode }) {
  const { user, isAdministrator, organizations } = await requireIdentity();
  const { productName } = await settings();
  const links = [
    ...(isAdministrator ? [{ label: "Administration", href: "/admin" }] : []),
    ...(organizations.length > 0 ? [{ label: "Portal", href: "/portal" }] : []),
  ];
  return (
    <PortalFrame
      operator={productName}
      homeHref={isAdministrator ? "/admin" : "/portal"}
      nav={[...links, { label: "Account", href: "/account" }]}
      account={{ name: user.name, email: user.email, links, signOut: <SignOutButton /> }}
    >
      {children}
    </PortalFrame>
  );
}
