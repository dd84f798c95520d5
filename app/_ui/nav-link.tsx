"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";

/** A link that knows whether it leads here. `exact` for those whose address begins others'. */
export function NavLink({
  href,
  exact = false,
  className,
  title,
  children,
}: {
  href: string;
  exact?: boolean;
  className: string;
  title?: string | undefined;
  children: ReactNode;
}) {
  const path = usePathname();
  const here = path === href || (!exact && path.startsWith(`${href}/`));
  return (
    <Link href={href} title={title} aria-current={here ? "page" : undefined} className={className}>
      {children}
    </Link>
  );
}
