import { Check, Minus } from "lucide-react";
import { compared, type Offer } from "#lib/catalogue/offer-rules.ts";

/** Everything that any plan includes, side by side. */
export function Comparison({ offers }: { offers: readonly Offer[] }) {
  const rows = compared(offers);
  if (rows.length === 0) return null;
  return (
    <section aria-labelledby="comparison" className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-4">
      <h2 id="comparison" className="text-center text-lg font-semibold tracking-tight">
        Compare
      </h2>
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard.
        tabIndex={0}
        aria-label="What each plan includes"
        className="relative overflow-x-auto rounded-lg border border-line bg-surface"
      >
        <table className="w-full text-sm">
          <thead>
            <tr className="border-b border-line">
              <td className="px-3 py-3 sm:px-6" />
              {offers.map((offer) => (
                <th
                  key={offer.id}
                  scope="col"
                  className="px-2 py-3 text-center font-semibold sm:min-w-24 sm:px-4"
                >
                  {offer.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {rows.map((row) => (
              <tr key={row.key}>
                <th scope="row" className="px-3 py-3 text-left font-normal sm:px-6">
                  {row.name}
                </th>
                {offers.map((offer, place) => (
                  <td
                    key={offer.id}
                    className="px-2 py-3 text-center whitespace-nowrap tabular-nums sm:px-4"
                  >
                    <Allowance words={row.allowances[place]} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

function Allowance({ words }: { words: string | undefined }) {
  if (words === undefined) {
    return (
      <>
        <Minus className="inline size-4 text-muted" aria-hidden="true" />
        <span className="sr-only">not included</span>
      </>
    );
  }
  if (words !== "included") return words;
  return (
    <>
      <Check className="inline size-4 text-green" aria-hidden="true" />
      <span className="sr-only">included</span>
    </>
  );
}
