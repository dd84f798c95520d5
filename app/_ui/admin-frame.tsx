import { FlaskConical, Search } from "lucide-react";
import Form from "next/form";
import { cookies } from "next/headers";
import Link from "next/link";
import type { ReactNode } from "react";
import { type Account, AccountMenu } from "./account-menu.tsx";
import { BottomBar, type NavGroup, NavList } from "./admin-nav.tsx";
import { Keyboard } from "./keyboard.tsx";
import { Mark } from "./mark.tsx";
import { NavToggle } from "./nav-toggle.tsx";
import { SkipLink } from "./skip-link.tsx";

/**
 * The administrator's frame. In test mode it is tinted and says so, because taking test data for
 * live is the costliest mistake that can be made here.
 */
export async function AdminFrame({
  nav,
  mode,
  modeSwitch,
  account,
  alerts,
  searchAction = "/admin/search",
  children,
}: {
  nav: readonly NavGroup[];
  mode: "test" | "live";
  /** A ModeSwitch. */
  modeSwitch: ReactNode;
  account: Account;
  /** Beside the account: a link to what needs attention. */
  alerts?: ReactNode;
  searchAction?: string;
  children: ReactNode;
}) {
  const narrow = (await cookies()).get("nav")?.value === "narrow";
  return (
    <div
      data-nav={narrow ? "narrow" : "wide"}
      data-mode={mode}
      className="group/frame grid min-h-dvh grid-rows-[auto_1fr] [--header-height:3.5rem] md:grid-cols-[14.5rem_minmax(0,1fr)] md:data-[nav=narrow]:grid-cols-[3.75rem_minmax(0,1fr)] md:data-[nav=narrow]:[&_aside_.nav-label]:sr-only"
    >
      <SkipLink />
      <header className="sticky top-0 z-20 flex h-14 items-center gap-3 border-b border-line bg-surface px-3 group-data-[mode=test]/frame:border-amber-line group-data-[mode=test]/frame:bg-amber-soft sm:px-4 md:col-span-2">
        <Link
          href="/admin"
          className="flex items-center gap-2 rounded-md font-semibold tracking-tight"
          aria-label="Billhook, overview"
        >
          <Mark className="size-7" />
          <span className="max-lg:hidden">Billhook</span>
        </Link>
        <Form
          action={searchAction}
          role="search"
          className="relative mx-auto w-full max-w-md min-w-0"
        >
          <Search
            className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted"
            aria-hidden="true"
          />
          <input
            type="search"
            name="q"
            aria-label="Search everything"
            placeholder="Search by id, name or e-mail"
            data-search="all"
            className="control min-h-9 truncate py-1 pr-3 pl-9 text-sm sm:pr-9"
          />
          <span
            aria-hidden="true"
            className="pointer-events-none absolute top-1/2 right-2.5 -translate-y-1/2 rounded-sm border border-line px-1.5 font-mono text-xs text-muted max-sm:hidden"
          >
            /
          </span>
        </Form>
        {modeSwitch}
        {alerts}
        <AccountMenu account={account} />
      </header>
      <aside className="border-r border-line bg-surface max-md:hidden">
        <div className="sticky top-14 flex max-h-[calc(100dvh-3.5rem)] flex-col gap-4 overflow-y-auto p-3">
          <nav aria-label="Main">
            <NavList groups={nav} />
          </nav>
          <NavToggle initiallyNarrow={narrow} />
        </div>
      </aside>
      <div className="min-w-0 max-md:pb-20">
        {mode === "test" && (
          <section
            aria-label="Mode"
            className="flex items-center justify-center gap-2 border-b border-amber-line bg-amber-soft px-4 py-1 text-xs font-medium text-amber"
          >
            <FlaskConical className="size-3.5 shrink-0" aria-hidden="true" />
            Test data. No money moves here.
          </section>
        )}
        <main
          id="main"
          tabIndex={-1}
          className="mx-auto grid w-full max-w-[75rem] grid-cols-[minmax(0,1fr)] content-start gap-6 px-4 py-6 sm:px-6 lg:px-8 lg:py-8"
        >
          {children}
        </main>
      </div>
      <BottomBar groups={nav} />
      <Keyboard />
    </div>
  );
}
