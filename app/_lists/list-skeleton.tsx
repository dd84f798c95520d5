import { Card } from "#app/_ui/section.tsx";
import { TableSkeleton } from "#app/_ui/table.tsx";

/**
 * What stands where a list will be. Pages use it inside themselves instead of a `loading.tsx`, which
 * would answer 200 before a page could say 404.
 */
export function ListSkeleton({ columns = 5 }: { columns?: number }) {
  return (
    <div role="status">
      <span className="sr-only">Loading</span>
      <Card flush>
        <TableSkeleton columns={columns} />
      </Card>
    </div>
  );
}
