import { ButtonLink } from "#app/_ui/button.tsx";
import { Id } from "#app/_ui/id.tsx";
import { Section } from "#app/_ui/section.tsx";
import { Table } from "#app/_ui/table.tsx";
import type { ImportView } from "#lib/billing/selling/views.ts";

/** The prices that an import leaves as they are, and why. */
export function LeftAlone({ shown: { left, inAll } }: { shown: ImportView }) {
  if (left.length === 0) return null;
  return (
    <Section
      title="What is left as it is"
      description={
        left.length < inAll.left
          ? `${left.length.toLocaleString("en")} of ${inAll.left.toLocaleString("en")} prices stand on this page.`
          : undefined
      }
      actions={
        <ButtonLink size="sm" href="/admin/plans/prices">
          Put into plans by hand
        </ButtonLink>
      }
      flush
    >
      <Table
        caption="Prices that an import leaves"
        rows={left}
        rowKey={({ ref }) => ref}
        columns={[
          {
            key: "price",
            header: "Price",
            cell: ({ ref, words }) => (
              <div className="grid min-w-0 gap-1">
                <span className="tabular-nums">{words}</span>
                <span className="font-normal">
                  <Id value={ref} />
                </span>
              </div>
            ),
          },
          { key: "why", header: "Why", wide: true, cell: ({ because }) => because },
        ]}
      />
    </Section>
  );
}
