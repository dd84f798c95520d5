import { ChevronsUpDown } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { type Account, AccountMenu } from "./account-menu.tsx";
import { ModeBadge } from "./badge.tsx";
import { Wordmark } from "./mark.tsx";
import { NavLink } from "./nav-link.tsx";
import { SkipLink } from "./skip-link.tsx";

/** The customer's frame: one calm column under the operator's name. */
export function PortalFrame({
  operator,
  homeHref = "/portal",
  organization,
  nav,
  account,
  mode = "live",
  children,
}: {
  operator: string;
  homeHref?: string;
  organization?: { name: string; switchHref?: string | undefined };
  nav: readonly { label: string; href: string; exact?: boolean }[];
  account: Account;
  mode?: "test" | "live";
  children: ReactNode;
}) {
  return (
    <div className="min-h-dvh [--header-height:0px]" data-operator>
      <SkipLink />
      <header className="border-b border-line bg-surface">
        <div className="mx-auto flex h-14 max-w-[55rem] items-center gap-3 px-4 sm:px-6">
          <Link href={homeHref} className="flex max-w-[45%] min-w-0 shrink-0 rounded-md">
            <Wordmark name={operator} />
          </Link>
          {mode === "test" && <ModeBadge mode="test" />}
          <div className="ml-auto flex min-w-0 items-center gap-3">
            {organization && <Organization {...organization} />}
            <AccountMenu account={account} />
          </div>
        </div>
        {nav.length > 0 && (
          <nav aria-label="Main" className="mx-auto max-w-[55rem] overflow-x-auto px-2 sm:px-4">
            <ul className="flex">
              {nav.map((item) => (
                <li key={item.href}>
                  <NavLink
                    href={item.href}
                    exact={item.exact ?? false}
                    className="inline-flex min-h-10 items-center border-b-2 border-transparent px-2 text-sm whitespace-nowrap text-muted -outline-offset-2 hover:text-ink aria-[current=page]:border-accent-text aria-[current=page]:font-medium aria-[current=page]:text-ink sm:px-3"
                  >
                    {item.label}
                  </NavLink>
                </li>
              ))}
            </ul>
          </nav>
        )}
      </header>
      <main
        id="main"
        tabIndex={-1}
        className="mx-auto grid w-full max-w-[55rem] grid-cols-[minmax(0,1fr)] content-start gap-8 px-4 py-8 sm:px-6"
      >
        {children}
      </main>
    </div>
  );
}

function Organization({ name, switchHref }: { name: string; switchHref?: string | undefined }) {
  if (!switchHref) return <span className="truncate text-sm text-muted">{name}</span>;
  return (
    <Link
      href={switchHref}
      title="Choose another organization"
      className="inline-flex min-h-8 min-w-0 items-center gap-1.5 rounded-md px-2 text-sm text-muted hover:bg-hover hover:text-ink"
    >
      <span className="truncate">{name}</span>
      <ChevronsUpDown className="size-3.5 shrink-0" aria-hidden="true" />
    </Link>
  );
}
