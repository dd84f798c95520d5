import type { ReactNode } from "react";

/** Nothing here yet, and what to do about it. */
export function Empty({
  title,
  action,
  icon,
  children,
}: {
  title: ReactNode;
  action?: ReactNode;
  icon?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className="grid justify-items-center gap-2 px-6 py-12 text-center">
      {icon && (
        <span
          aria-hidden="true"
          className="mb-1 grid size-10 place-items-center rounded-full bg-sunken text-muted [&_svg]:size-5"
        >
          {icon}
        </span>
      )}
      <p className="font-medium">{title}</p>
      {children && <div className="max-w-prose text-sm text-muted">{children}</div>}
      {action && <div className="mt-3">{action}</div>}
    </div>
  );
}
