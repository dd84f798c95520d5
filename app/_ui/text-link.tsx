import { ExternalLink } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";

const LOOK =
  "text-accent-text underline decoration-accent-text/35 underline-offset-3 hover:decoration-current";

/** A link in text. External ones open beside the page and say so. */
export function TextLink({
  href,
  external = false,
  children,
}: {
  href: string;
  external?: boolean;
  children: ReactNode;
}) {
  if (!external) {
    return (
      <Link href={href} className={LOOK}>
        {children}
      </Link>
    );
  }
  return (
    <a href={href} className={LOOK} target="_blank" rel="noreferrer">
      {children}
      <ExternalLink className="ml-1 inline size-3 align-baseline" aria-hidden="true" />
      <span className="sr-only"> (opens in a new tab)</span>
    </a>
  );
}
