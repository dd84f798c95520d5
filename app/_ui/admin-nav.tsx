import { Ellipsis } from "lucide-react";
import type { ReactNode } from "react";
import { NavLink } from "./nav-link.tsx";
import { Popover } from "./popover.tsx";

export type NavItem = {
  label: string;
  href: string;
  icon: ReactNode;
  /** For the bottom bar of phones, where the label is too long. */
  short?: string;
  /** For an address that begins others': "/admin" itself. */
  exact?: boolean;
  /** A count that wants attention, such as parked events. */
  badge?: number | undefined;
  /** One of the four in the bottom bar of phones; the first four where none is marked. */
  onPhone?: boolean;
};

export type NavGroup = { heading?: string; items: readonly NavItem[] };

const ITEM =
  "flex min-h-9 items-center gap-3 rounded-md px-2.5 text-sm text-muted hover:bg-hover hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:font-medium aria-[current=page]:text-accent-text [&_svg]:size-4 [&_svg]:shrink-0";

/** The navigation as a list, for the left side and for the sheet on phones. */
export function NavList({ groups }: { groups: readonly NavGroup[] }) {
  return groups.map((group, index) => (
    <div key={group.heading ?? index} className="grid gap-0.5">
      {group.heading && (
        <p className="nav-label px-2.5 pt-4 pb-1 text-xs font-medium text-muted">{group.heading}</p>
      )}
      <ul className="grid gap-0.5">
        {group.items.map((item) => (
          <li key={item.href}>
            <NavLink
              href={item.href}
              exact={item.exact ?? false}
              className={ITEM}
              title={item.label}
            >
              {item.icon}
              <span className="nav-label min-w-0 flex-1 truncate">{item.label}</span>
              <Count value={item.badge} />
            </NavLink>
          </li>
        ))}
      </ul>
    </div>
  ));
}

function Count({ value }: { value: number | undefined }) {
  if (!value) return null;
  return (
    <span className="nav-label rounded-full bg-amber-soft px-1.5 text-xs font-medium text-amber tabular-nums">
      {value > 999 ? "999+" : value}
      <span className="sr-only"> waiting</span>
    </span>
  );
}

/** The bottom bar of phones: four places and a sheet with the rest. */
export function BottomBar({ groups }: { groups: readonly NavGroup[] }) {
  const all = groups.flatMap((group) => group.items);
  const marked = all.filter((item) => item.onPhone);
  const shown = (marked.length > 0 ? marked : all).slice(0, 4);
  const tab =
    "flex min-h-14 w-full flex-col items-center justify-center gap-0.5 px-1 text-xs text-muted -outline-offset-2 aria-[current=page]:font-medium aria-[current=page]:text-accent-text [&_svg]:size-5";
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      <ul className="grid auto-cols-fr grid-flow-col">
        {shown.map((item) => (
          <li key={item.href} className="min-w-0">
            <NavLink href={item.href} exact={item.exact ?? false} className={tab}>
              {item.icon}
              <span className="max-w-full truncate">{item.short ?? item.label}</span>
            </NavLink>
          </li>
        ))}
        <li>
          <Popover
            id="more-menu"
            label="More pages"
            triggerClass={tab}
            place="inset-x-3 bottom-16 w-auto max-h-[70dvh] overflow-y-auto p-2"
            trigger={
              <>
                <Ellipsis aria-hidden="true" />
                More
              </>
            }
          >
            <NavList groups={groups} />
          </Popover>
        </li>
      </ul>
    </nav>
  );
}
