import { clsx } from "clsx";
import { type ReactNode, useId } from "react";

/** A part of a page: its heading, its one or two actions, and a surface with what it says. */
export function Section({
  title,
  description,
  actions,
  flush = false,
  tone,
  id,
  children,
}: {
  title: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  /** Without padding: for a table, which brings its own. */
  flush?: boolean;
  /** Red frames what destroys. */
  tone?: "red";
  id?: string;
  children: ReactNode;
}) {
  const heading = useId();
  return (
    <section
      aria-labelledby={heading}
      id={id}
      className="grid min-w-0 scroll-mt-20 grid-cols-[minmax(0,1fr)] gap-3"
    >
      <div className="flex flex-wrap items-end justify-between gap-3">
        <div className="grid min-w-0 gap-0.5 sm:flex-1 sm:basis-64">
          <h2 id={heading} className="text-base font-semibold tracking-tight">
            {title}
          </h2>
          {description && <p className="max-w-prose text-sm text-muted">{description}</p>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </div>
      <Card flush={flush} {...(tone && { tone })}>
        {children}
      </Card>
    </section>
  );
}

/** A surface without a heading. */
export function Card({
  flush = false,
  tone,
  children,
}: {
  flush?: boolean;
  tone?: "red";
  children: ReactNode;
}) {
  return (
    <div
      className={clsx(
        "min-w-0 rounded-md border bg-surface",
        tone === "red" ? "border-red-line" : "border-line",
        flush ? "*:data-box:rounded-md *:data-box:border-0" : "p-4 sm:p-5",
      )}
    >
      {children}
    </div>
  );
}
