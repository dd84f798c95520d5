import { clsx } from "clsx";
import type { ReactNode } from "react";
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
                "min-w-0 font-semibold break-words",
                mono ? "font-mono text-base break-all sm:text-lg" : "text-xl tracking-tight",
              )}
            >
              {title}
            </h1>
            {status}
          </div>
          {description && <div className="max-w-prose text-sm text-muted">{description}</div>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </div>
    </header>
  );
}
