import { CircleCheck } from "lucide-react";
import { ButtonLink } from "#app/_ui/button.tsx";
import type { Offer } from "#lib/catalogue/offer-rules.ts";
import type { Interval } from "#lib/catalogue/rules.ts";
import { withChoice } from "../portal/[org]/subscribe/query.ts";
import type { Way } from "./way.ts";

/** The button of a plan, for whoever looks at it; the same height where there is none. */
export function Buy({
  offer: { id, name, price },
  way,
  query,
}: {
  offer: Offer;
  way: Way;
  query: { interval: Interval; currency: string | undefined };
}) {
  if (way.kind === "none") return null;
  if (way.kind === "change" && way.planId === id) {
    return (
      <p className="flex min-h-10 items-center gap-2 text-sm font-medium">
        <CircleCheck className="size-4 text-green" aria-hidden="true" />
        Current plan
      </p>
    );
  }
  if (price === undefined || price === "free") {
    return <div className="hidden min-h-10 md:block" aria-hidden="true" />;
  }
  if (way.kind === "change") {
    return (
      <ButtonLink href={`${way.base}/change?interval=${query.interval}`}>
        Change to {name}
      </ButtonLink>
    );
  }
  const path = way.kind === "ask" ? "/portal" : `${way.base}/subscribe`;
  return (
    <ButtonLink href={withChoice(path, { ...query, plan: id })}>
      Subscribe<span className="sr-only"> to {name}</span>
    </ButtonLink>
  );
}
