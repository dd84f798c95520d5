import type { ReactNode } from "react";

/** The foot of a form: its one primary button first, the quiet ones after. */
export function FormActions({ children }: { children: ReactNode }) {
  return <div className="flex flex-wrap items-center gap-2">{children}</div>;
}
