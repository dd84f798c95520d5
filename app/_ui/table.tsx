import { clsx } from "clsx";
import Link from "next/link";
import type { ReactNode } from "react";
import { Skeleton } from "./skeleton.tsx";

export type Column<Row> = {
  key: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** Money and counts stand right; everything else left. */
  align?: "left" | "right";
  /** As narrow as its content. */
  narrow?: boolean;
  /** For names and sentences: keeps room when the others are long. */
  wide?: boolean;
  hideOnPhone?: boolean;
};

/**
 * Rows of one kind of thing. The first column names the row and carries its link, which covers the
 * whole row; under 640 px each row becomes a card.
 */
export function Table<Row>({
  caption,
  columns,
  rows,
  rowKey,
  rowHref,
  empty,
}: {
  /** Says to screen readers what the rows are. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  rowHref?: ((row: Row) => string | undefined) | undefined;
  empty?: ReactNode;
}) {
  if (rows.length === 0 && empty) return empty;
  const width = columns.length > 4 ? MANY : FEW;
  return (
    <div className={width.box}>
      <table
        className={clsx(
          "data-table w-full text-sm max-sm:block",
          columns.length > 4 && "sm:max-lg:min-w-[44rem]",
        )}
      >
        <caption className="sr-only">{caption}</caption>
        <thead className="max-sm:sr-only">
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" className={clsx(HEAD, width.head, aligned(column))}>
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="max-sm:block">
          {rows.map((row) => (
            <tr
              key={rowKey(row)}
              className="max-sm:block max-sm:px-4 max-sm:py-3 [&:not(:last-child)>*]:sm:border-b max-sm:not-last:border-b border-line [&>*]:border-line"
            >
              {columns.map((column, index) => (
                <Cell key={column.key} column={column} first={index === 0}>
                  <Linked href={index === 0 ? rowHref?.(row) : undefined}>
                    {column.cell(row)}
                  </Linked>
                </Cell>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const HEAD =
  "border-b border-line bg-surface px-4 py-2 text-left text-xs font-medium whitespace-nowrap text-muted first:rounded-tl-md last:rounded-tr-md top-(--header-height,0px) z-[2]";

// A head sticks to the window only where the table surely fits; below that the table scrolls in its
// own box, in which nothing can stick to the window.
const FEW = { box: "sm:max-lg:overflow-x-auto", head: "lg:sticky" };
const MANY = { box: "sm:max-[90rem]:overflow-x-auto", head: "min-[90rem]:sticky" };

function aligned<Row>(column: Column<Row>): string {
  return clsx(
    column.align === "right" && "sm:text-right",
    column.narrow && "sm:w-px sm:whitespace-nowrap",
  );
}

function Cell<Row>({
  column,
  first,
  children,
}: {
  column: Column<Row>;
  first: boolean;
  children: ReactNode;
}) {
  return (
    <td
      className={clsx(
        "align-middle max-sm:flex max-sm:items-baseline max-sm:justify-between max-sm:gap-4 max-sm:py-1 sm:px-4 sm:py-2.5",
        column.hideOnPhone && "max-sm:hidden",
        aligned(column),
        first && "font-medium max-sm:text-base",
      )}
    >
      {!first && (
        <span aria-hidden="true" className="shrink-0 text-muted sm:hidden">
          {column.header}
        </span>
      )}
      <div className={clsx("min-w-0", !first && "max-sm:text-right", column.wide && "sm:min-w-44")}>
        {children}
      </div>
    </td>
  );
}

function Linked({ href, children }: { href: string | undefined; children: ReactNode }) {
  if (!href) return children;
  return (
    <Link href={href} data-row-link="" className="text-ink">
      {children}
    </Link>
  );
}

/** The shape of a table while its rows are read. */
export function TableSkeleton({ columns, rows = 8 }: { columns: number; rows?: number }) {
  return (
    <div aria-hidden="true" className="divide-y divide-line">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: identical placeholders.
        <div key={row} className="flex gap-6 px-4 py-3.5">
          {Array.from({ length: columns }, (_, column) => (
            <Skeleton
              // biome-ignore lint/suspicious/noArrayIndexKey: identical placeholders.
              key={column}
              className={clsx("h-4 flex-1", column > 1 && "max-sm:hidden")}
            />
          ))}
        </div>
      ))}
    </div>
  );
}
