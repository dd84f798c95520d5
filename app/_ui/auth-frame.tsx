import Link from "next/link";
import type { ReactNode } from "react";
import { Wordmark } from "./mark.tsx";

/** One card in the middle: signing in, accepting, choosing a password, and pages that went wrong. */
export function AuthFrame({
  title,
  description,
  footer,
  operator = "Billhook",
  children,
}: {
  title: ReactNode;
  description?: ReactNode;
  /** The other way: "No account yet? …". */
  footer?: ReactNode;
  operator?: string;
  children?: ReactNode;
}) {
  return (
    <div
      className="flex min-h-dvh flex-col items-center justify-center gap-6 px-4 py-10"
      data-operator
    >
      <header>
        <Link href="/" className="flex rounded-md text-lg">
          <Wordmark name={operator} />
        </Link>
      </header>
      <main className="grid w-full grid-cols-[minmax(0,1fr)] max-w-md gap-6 rounded-lg border border-line bg-surface p-6 sm:p-8">
        <div className="grid gap-1.5">
          <h1 className="text-lg font-semibold tracking-tight">{title}</h1>
          {description && <div className="text-sm text-muted">{description}</div>}
        </div>
        {children}
      </main>
      {footer && <footer className="max-w-md text-center text-sm text-muted">{footer}</footer>}
    </div>
  );
}
