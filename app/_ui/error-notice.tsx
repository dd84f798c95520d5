import { CircleX } from "lucide-react";
import type { ReactNode } from "react";

/** A failure where it happened: what went wrong, what to do, and the reference that finds the log line. */
export function ErrorNotice({
  title = "This did not work",
  reference,
  action,
  children,
}: {
  title?: ReactNode;
  reference?: string | undefined;
  action?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div
      role="alert"
      className="flex items-start gap-3 rounded-md border border-red-line bg-red-soft p-3 text-sm"
    >
      <CircleX className="mt-0.5 size-4 shrink-0 text-red" aria-hidden="true" />
      <div className="grid min-w-0 flex-1 justify-items-start gap-1">
        <p className="font-medium">{title}</p>
        {children && <div>{children}</div>}
        {reference && (
          <p className="text-xs text-muted">
            Reference <code className="font-mono break-all select-all">{reference}</code>
          </p>
        )}
        {action && <div className="mt-2">{action}</div>}
      </div>
    </div>
  );
}
