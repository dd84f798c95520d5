import {
  Bell,
  Building2,
  CreditCard,
  LayoutDashboard,
  ListChecks,
  Repeat,
  ScrollText,
  Settings,
  ShoppingBag,
  Tags,
  UserRound,
  Webhook,
} from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { shownMode } from "#app/_server/mode.ts";
import { requireAdministrator, requireIdentity } from "#app/_server/session.ts";
import { SignOutButton } from "#app/_server/sign-out-button.tsx";
import { AdminFrame } from "#app/_ui/admin-frame.tsx";
import { ModeSwitch } from "#app/_ui/mode-switch.tsx";
import { counted } from "#lib/counted.ts";
import { openWork } from "#lib/inbox/object-views.ts";
import { countOpenAlerts } from "#lib/notices/views.ts";
import { chooseMode } from "./actions.ts";

export const metadata: Metadata = { title: { default: "Admin", template: "%s · Billhook admin" } };

export default async function AdminLayout({ children }: { children: ReactNode }) {
  const actor = await requireAdministrator();
  const mode = await shownMode();
  const [{ user, organizations }, alerts, work] = await Promise.all([
    requireIdentity(),
    countOpenAlerts(actor),
    openWork(actor, mode),
  ]);
  const links = [
    ...(organizations.length > 0 ? [{ label: "Portal", href: "/portal" }] : []),
    { label: "Account", href: "/account" },
  ];
  return (
    <AdminFrame
      mode={mode}
      modeSwitch={<ModeSwitch mode={mode} action={chooseMode} />}
      alerts={<AlertsLink count={alerts} />}
      account={{ name: user.name, email: user.email, links, signOut: <SignOutButton /> }}
      nav={[
        {
          items: [
            {
              label: "Overview",
              href: "/admin",
              icon: <LayoutDashboard />,
              exact: true,
              onPhone: true,
            },
            { label: "Webhooks", href: "/admin/webhooks", icon: <Webhook />, onPhone: true },
            { label: "Alerts", href: "/admin/alerts", icon: <Bell />, badge: alerts },
          ],
        },
        {
          heading: "Billing",
          items: [
            {
              label: "Organizations",
              short: "Orgs",
              href: "/admin/organizations",
              icon: <Building2 />,
              onPhone: true,
            },
            {
              label: "Customers",
              href: "/admin/customers",
              icon: <UserRound />,
              badge: work.unlinked,
              onPhone: true,
            },
            { label: "Subscriptions", href: "/admin/subscriptions", icon: <Repeat /> },
            { label: "Payments", href: "/admin/payments", icon: <CreditCard /> },
            { label: "Orders", href: "/admin/orders", icon: <ShoppingBag /> },
            { label: "Plans", href: "/admin/plans", icon: <Tags /> },
          ],
        },
        {
          heading: "Deployment",
          items: [
            { label: "Jobs", href: "/admin/jobs", icon: <ListChecks /> },
            { label: "Audit log", href: "/admin/audit", icon: <ScrollText /> },
            { label: "Settings", href: "/admin/settings", icon: <Settings /> },
          ],
        },
      ]}
    >
      {children}
    </AdminFrame>
  );
}

function AlertsLink({ count }: { count: number }) {
  const label = counted(count, "open alert");
  return (
    <Link
      href="/admin/alerts"
      title={label}
      className="relative grid size-9 shrink-0 place-items-center rounded-md text-muted hover:bg-hover hover:text-ink"
    >
      <Bell className="size-4" aria-hidden="true" />
      {count > 0 && (
        <span
          aria-hidden="true"
          className="absolute top-0.5 right-0.5 min-w-4 rounded-full bg-danger px-1 text-center text-[0.625rem] leading-4 font-semibold text-white tabular-nums"
        >
          {count > 99 ? "99+" : count}
        </span>
      )}
      <span className="sr-only">{label}</span>
    </Link>
  );
}
