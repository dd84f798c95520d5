import { UserRound } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { Popover } from "./popover.tsx";
import { ThemeSwitch } from "./theme-switch.tsx";

export type Account = {
  name: string;
  email: string;
  links: readonly { label: string; href: string }[];
  /** A form with the button that signs out: `<form action={…}><Button variant="quiet" type="submit">Sign out</Button></form>`. */
  signOut: ReactNode;
};

/** Who is signed in, the pages about them, the theme, and the way out. */
export function AccountMenu({ account }: { account: Account }) {
  return (
    <Popover
      id="account-menu"
      label={`Account of ${account.name}`}
      place="top-14 right-4 w-72 max-w-[calc(100vw-2rem)] p-2"
      triggerClass="grid size-9 shrink-0 place-items-center rounded-full bg-accent-soft text-sm font-semibold text-accent-text hover:bg-hover"
      trigger={
        <>
          <span aria-hidden="true">
            {initials(account.name) || <UserRound className="size-4" />}
          </span>
          <span className="sr-only">Account of {account.name}</span>
        </>
      }
    >
      <div className="border-b border-line px-2 pt-1 pb-3">
        <p className="truncate text-sm font-medium">{account.name}</p>
        <p className="truncate text-xs text-muted">{account.email}</p>
      </div>
      <ul className="py-1">
        {account.links.map((link) => (
          <li key={link.href}>
            <Link
              href={link.href}
              className="flex min-h-9 items-center rounded-md px-2 text-sm hover:bg-hover"
            >
              {link.label}
            </Link>
          </li>
        ))}
      </ul>
      <div className="grid gap-2 border-t border-line pt-2 [&_form]:grid [&_form>button]:justify-start [&_form>button]:px-2">
        <ThemeSwitch />
        {account.signOut}
      </div>
    </Popover>
  );
}

function initials(name: string): string {
  const words = name.split(/[\s@.]+/).filter(Boolean);
  return words
    .slice(0, 2)
    .map((word) => Array.from(word)[0]?.toUpperCase() ?? "")
    .join("");
}
