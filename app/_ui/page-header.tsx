import { clsx } from "clsx";
import { Fragment, type ReactNode } from "react";
import { Breadcrumbs, type Crumb } from "./breadcrumbs.tsx";

/** The page's name, where it stands, its state, and what can be done with it. */
export function PageHeader({
  title,
  breadcrumbs,
  description,
  status,
  actions,
  mono = false,
}: {
  title: ReactNode;
  breadcrumbs?: readonly Crumb[];
  description?: ReactNode;
  /** A badge beside the name. */
  status?: ReactNode;
  actions?: ReactNode;
  /** For names that are ids or event types. */
  mono?: boolean;
}) {
  return (
    <header className="grid min-w-0 gap-2">
      {breadcrumbs && <Breadcrumbs items={breadcrumbs} />}
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="grid min-w-0 gap-1">
          <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
            <h1
              className={clsx(
                "min-w-0 font-semibold",
                mono ? "font-mono text-base sm:text-lg" : "text-xl tracking-tight",
              )}
            >
              {mono && typeof title === "string" ? withBreaks(title) : title}
            </h1>
            {status}
          </div>
          {description && (
            <div className="max-w-prose text-sm wrap-anywhere text-muted">{description}</div>
          )}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </div>
    </header>
  );
}

/** Lets a long dotted name break after its dots rather than inside a word. */
function withBreaks(name: string): ReactNode {
  return name.split(/(?<=[._])/).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of one string never reorder.
    <Fragment key={index}>
      {part}
      <wbr />
    </Fragment>
  ));
}
