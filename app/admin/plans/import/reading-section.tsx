import { Banner } from "#app/_ui/banner.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Form } from "#app/_ui/form.tsx";
import { LookAgain } from "#app/_ui/look-again.tsx";
import { Section } from "#app/_ui/section.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { ImportView } from "#lib/billing/selling/views.ts";
import { counted } from "#lib/counted.ts";
import { marketName } from "../_parts/market.tsx";
import { read } from "../selling-actions.ts";

/** How far the reading of a gateway's catalogue came, and the button that begins one. */
export function ReadingSection({ shown: { market, reading, pending } }: { shown: ImportView }) {
  const isUnderWay = reading !== undefined && reading.finishedAt === null;
  return (
    <Section
      title={marketName(market)}
      actions={
        market.canAsk &&
        !isUnderWay && (
          <Form action={read} className="flex">
            <input type="hidden" name="gateway" value={market.gateway} />
            <input type="hidden" name="mode" value={market.mode} />
            <SubmitButton variant={reading ? "secondary" : "primary"}>
              Read {market.title}’s catalogue
            </SubmitButton>
          </Form>
        )
      }
    >
      {!market.canAsk && (
        <Banner
          title={`There is no ${market.mode} API key for ${market.title}`}
          action={
            <ButtonLink size="sm" href={`/admin/settings/gateways/${market.gateway}`}>
              Set a key
            </ButtonLink>
          }
        >
          Without one only prices that events told of are known.
        </Banner>
      )}
      <div role="status" className="grid gap-3 text-sm not-first:mt-4">
        <p>
          <Progress reading={reading} title={market.title} />
        </p>
        {pending > 0 && (
          <p>
            {counted(pending, "price or product is", "prices and products are")} still being looked
            at. What is shown below grows meanwhile.
          </p>
        )}
      </div>
      {(isUnderWay || pending > 0) && (
        <div className="mt-4">
          <LookAgain />
        </div>
      )}
    </Section>
  );
}

function Progress({ reading, title }: { reading: ImportView["reading"]; title: string }) {
  if (!reading) return `${title}’s catalogue was never read.`;
  const { listed, differing, finishedAt, isCut, lastError } = reading;
  const prices = counted(listed, "price");
  const trouble = lastError && ` The last time: ${lastError}`;
  if (!finishedAt) {
    return (
      <>
        {prices} read so far.{trouble && `${trouble} It goes on by itself.`}
      </>
    );
  }
  if (lastError) return `It was not read to its end: ${lastError}`;
  return (
    <>
      {prices} on sale,{" "}
      {differing === 0 ? "all held as told" : `${number(differing)} of them new or changed`}, read{" "}
      <Time at={finishedAt} />.{isCut && " There are more than are read at a time."}
    </>
  );
}

function number(count: number): string {
  return count.toLocaleString("en");
}
