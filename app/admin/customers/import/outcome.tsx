import { Facts } from "#app/_ui/facts.tsx";
import { Section } from "#app/_ui/section.tsx";
import { Time } from "#app/_ui/time.tsx";
import { counted } from "#lib/counted.ts";
import type { ImportView } from "#lib/imports/views.ts";

/** What the last import came to, in a sentence and in numbers. */
export function Outcome({ view }: { view: ImportView }) {
  const { counts } = view;
  const number = (count: number) => count.toLocaleString("en");
  return (
    <Section
      title={view.stoppedAt ? "Stopped" : "Finished"}
      description={
        <>
          Begun by {view.by}, over since <Time at={view.finishedAt} />.
        </>
      }
    >
      <div className="grid gap-5">
        <p className="text-sm">{sentenceOf(view)}</p>
        <Facts
          columns={2}
          items={[
            { label: "Customers", value: number(counts.customers) },
            { label: "Linked before", value: number(counts.linkedBefore) },
            { label: "Matched by metadata", value: number(counts.byMetadata) },
            { label: "Matched by e-mail", value: number(counts.byEmail) },
            { label: "New organizations", value: number(counts.made) },
            counts.byHand > 0 && { label: "Linked by hand", value: number(counts.byHand) },
            { label: "Not matched", value: number(counts.left) },
          ]}
        />
      </div>
    </Section>
  );
}

function sentenceOf({ counts, stoppedAt }: ImportView): string {
  if (stoppedAt) return "It was stopped before it was through. What it linked stays linked.";
  const news = counts.byMetadata + counts.byEmail + counts.byHand + counts.made;
  const left =
    counts.left === 0 ? "" : ` ${counted(counts.left, "customer")} could not be matched.`;
  if (counts.customers === 0) return "There are no customers at the gateway.";
  if (news === 0) return `Nothing changed: whoever can be matched was linked before.${left}`;
  const made =
    counts.made === 0
      ? ""
      : `, ${counts.made.toLocaleString("en")} of them to organizations that were made for them`;
  return `${counted(news, "customer")} linked${made}.${left}`;
}
