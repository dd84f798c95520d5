import type { ReactNode } from "react";

/** Two columns of an object's page: what it is, and beside it what happened. They stack when narrow. */
export function Columns({ aside, children }: { aside: ReactNode; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-8 lg:grid-cols-[minmax(0,1fr)_20rem] xl:grid-cols-[minmax(0,1fr)_24rem]">
      <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-8">{children}</div>
      <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-8">{aside}</div>
    </div>
  );
}
