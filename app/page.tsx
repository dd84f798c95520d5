import type { Metadata } from "next";
import { currentUser } from "#app/_server/session.ts";
import { settings } from "#app/_server/settings.ts";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { Wordmark } from "#app/_ui/mark.tsx";
import { Card } from "#app/_ui/section.tsx";
import { SkipLink } from "#app/_ui/skip-link.tsx";
import { TextLink } from "#app/_ui/text-link.tsx";
import { currenciesOf, offersOf } from "#lib/catalogue/offer-rules.ts";
import type { Interval } from "#lib/catalogue/rules.ts";
import { catalogue } from "#lib/catalogue/views.ts";
import { Buy } from "./_pricing/buy.tsx";
import { Choice } from "./_pricing/choice.tsx";
import { Comparison } from "./_pricing/comparison.tsx";
import { OfferCard } from "./_pricing/offer-card.tsx";
import { wayToBuy } from "./_pricing/way.ts";
import { withChoice } from "./portal/[org]/subscribe/query.ts";

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export async function generateMetadata(): Promise<Metadata> {
  const { productName } = await settings();
  return { title: { absolute: `Plans and prices · ${productName}` } };
}

/** What is sold, for everybody. */
export default async function PricingPage({ searchParams }: Props) {
  const [query, sold, product, user] = await Promise.all([
    searchParams,
    catalogue(),
    settings(),
    currentUser(),
  ]);
  const interval = query.interval === "year" ? "year" : "month";
  const currencies = currenciesOf(sold);
  const currency = currencies.find((code) => code === query.currency) ?? currencies[0];
  const offers = offersOf(sold, currency, interval);
  const way = await wayToBuy(user);
  return (
    <div className="min-h-dvh" data-operator>
      <SkipLink />
      <header className="border-b border-line bg-surface">
        <div className="mx-auto flex h-16 max-w-6xl items-center justify-between gap-4 px-4 sm:px-6">
          <Wordmark name={product.productName} />
          {user ? (
            <ButtonLink href={user.isAdministrator ? "/admin" : "/portal"}>
              {user.isAdministrator ? "Open admin" : "Open portal"}
            </ButtonLink>
          ) : (
            <ButtonLink href="/sign-in" variant="primary">
              Sign in
            </ButtonLink>
          )}
        </div>
      </header>
      <main
        id="main"
        tabIndex={-1}
        className="mx-auto grid max-w-6xl grid-cols-[minmax(0,1fr)] gap-10 px-4 py-12 sm:px-6 sm:py-16"
      >
        <div className="grid justify-items-center gap-3 text-center">
          <h1 className="text-xl font-semibold tracking-tight sm:text-[2.25rem] sm:leading-tight">
            Plans and prices
          </h1>
          <p className="max-w-prose text-muted">What each plan costs, and what it includes.</p>
        </div>
        {offers.length === 0 ? (
          <Card>
            <Empty
              title="Nothing is on sale yet"
              action={
                user?.isAdministrator && <ButtonLink href="/admin/plans/new">New plan</ButtonLink>
              }
            >
              Come back later
              {product.supportEmail && (
                <>
                  , or write to <Support email={product.supportEmail} />
                </>
              )}
              .
            </Empty>
          </Card>
        ) : (
          <>
            <div className="flex justify-center">
              <Choice
                interval={interval}
                currency={currency}
                currencies={currencies}
                hrefOf={(chosen) => hrefOf(chosen, currencies)}
              />
            </div>
            <ul className="grid gap-5 md:grid-cols-[repeat(auto-fit,minmax(17rem,1fr))]">
              {offers.map((offer) => (
                <OfferCard
                  key={offer.id}
                  offer={offer}
                  interval={interval}
                  currency={currency}
                  action={<Buy offer={offer} way={way} query={{ interval, currency }} />}
                />
              ))}
            </ul>
            <Comparison offers={offers} />
          </>
        )}
        {offers.length > 0 && (
          <footer className="text-center text-sm text-muted">
            {user ? (
              <>
                Your plan and invoices are in your <TextLink href="/portal">portal</TextLink>.
              </>
            ) : (
              <>
                Already a customer? <TextLink href="/sign-in">Sign in</TextLink> to see your plan
                and invoices.
              </>
            )}
            {product.supportEmail && (
              <>
                {" "}
                Questions? <Support email={product.supportEmail} />
              </>
            )}
          </footer>
        )}
      </main>
    </div>
  );
}

/** What is chosen by itself is left out of the address. */
function hrefOf(
  { interval, currency }: { interval: Interval; currency: string | undefined },
  currencies: readonly string[],
): string {
  return withChoice("/", {
    interval: interval === "year" ? interval : undefined,
    currency: currency === currencies[0] ? undefined : currency,
  });
}

function Support({ email }: { email: string }) {
  return (
    <a className="text-accent-text underline underline-offset-3" href={`mailto:${email}`}>
      {email}
    </a>
  );
}
