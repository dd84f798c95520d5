import { address } from "#app/_server/address.ts";
import { Pagination } from "#app/_ui/pagination.tsx";
import type { ImportView } from "#lib/billing/selling/views.ts";

/** The way to what is not shown. */
export function Pages({ shown: { page, pages } }: { shown: ImportView }) {
  if (pages === 1) return null;
  const at = (number: number) =>
    address("/admin/plans/import", { page: number === 1 ? undefined : String(number) });
  return (
    <Pagination
      newer={page > 1 ? at(page - 1) : null}
      older={page < pages ? at(page + 1) : null}
      labels={{ newer: "Previous page", older: "Next page" }}
      summary={`Page ${page} of ${pages}`}
    />
  );
}
