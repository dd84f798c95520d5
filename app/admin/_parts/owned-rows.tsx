import type { ReactNode } from "react";
import type { Column } from "#app/_ui/table.tsx";
import { TextLink } from "#app/_ui/text-link.tsx";

/** A thing of the gateway's in a table: our word for it, and below it the gateway's id. */
export function Named({ name, id }: { name: ReactNode; id: string }) {
  return (
    <span className="grid min-w-0">
      <span>{name}</span>
      <span className="truncate font-mono text-xs font-normal text-muted">{id}</span>
    </span>
  );
}

type Owned = { organization?: { id: string; name: string } | null };

/** The column of a table that shows what belongs to everybody: whose each row is. */
export function organizationColumn<Row extends Owned>(): Column<Row> {
  return {
    key: "organization",
    header: "Organization",
    cell: ({ organization }) =>
      organization ? (
        <TextLink href={`/admin/organizations/${organization.id}`}>{organization.name}</TextLink>
      ) : (
        <span className="text-muted">nobody’s yet</span>
      ),
  };
}
