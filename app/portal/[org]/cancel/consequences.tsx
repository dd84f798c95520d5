import type { EndingPage } from "#lib/billing/ending/views.ts";
import { dayInWords } from "#lib/time.ts";

/** What ends when, and what there is less of then: said before anybody presses a button. */
export function Consequences({ ending, at }: { ending: EndingPage; at: Date | null }) {
  const { planName, tierAfter, lost, givenUp } = ending;
  return (
    <div className="grid gap-3 text-sm">
      <p>
        {at ? (
          <>
            You keep {planName} until <strong className="font-semibold">{dayInWords(at)}</strong>.
            Nothing more is charged.
          </>
        ) : (
          <>It ends at once, because it is paused. Nothing more is charged.</>
        )}
      </p>
      <div className="grid gap-1.5">
        <p>
          After that{tierAfter ? ` you have ${tierAfter}` : ""}
          {lost.length > 0 ? ":" : "."}
        </p>
        {lost.length > 0 && (
          <ul className="list-disc pl-5">
            {lost.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        )}
      </div>
      {ending.subscription.status === "past_due" && (
        <p>What is owed for the current period stays owed.</p>
      )}
      {givenUp && <p>{givenUp}</p>}
    </div>
  );
}
