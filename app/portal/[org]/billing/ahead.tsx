import { costOf, nameOf, payingInWords } from "#app/_billing/becoming.ts";
import { changeAddress } from "#app/_billing/change-query.ts";
import { safeLink } from "#app/_billing/safe-link.ts";
import { Announced } from "#app/_ui/announced.tsx";
import { Banner } from "#app/_ui/banner.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Form, type FormAction } from "#app/_ui/form.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { HeldPlan } from "#lib/billing/changing/views.ts";
import { dayInWords } from "#lib/time.ts";
import { giveUp, undo } from "./actions.ts";

type Props = { held: HeldPlan; organizationId: string };

/**
 * What is to become of a subscription: a change that is planned, one that lapsed, and one that waits for its
 * payment, which is news to who has just asked for it.
 */
export function Ahead({
  held,
  organizationId,
  base,
  isNews,
}: Props & { base: string; isNews: boolean }) {
  const unpaid = held.unpaid && (
    <Unpaid held={held} unpaid={held.unpaid} organizationId={organizationId} />
  );
  return (
    <>
      {held.lapsed?.isRecent && <Lapsed held={held} lapsed={held.lapsed} base={base} />}
      {isNews && unpaid ? <Announced of="unpaid">{unpaid}</Announced> : unpaid}
      {held.planned && (
        <Planned held={held} planned={held.planned} organizationId={organizationId} />
      )}
    </>
  );
}

function Planned({
  held,
  planned,
  organizationId,
}: Props & { planned: NonNullable<HeldPlan["planned"]> }) {
  const day = dayInWords(planned.at);
  return (
    <Banner
      tone="info"
      title={`Change to ${nameOf(planned)} on ${day}${costOf(planned)}`}
      action={
        planned.isOurs && (
          <Ask action={undo} held={held} organizationId={organizationId} label="Undo" />
        )
      }
    >
      {planned.isOurs
        ? "Until then everything stays as it is."
        : "This was planned outside of this portal. Another change that you make here takes its place."}
    </Banner>
  );
}

function Unpaid({
  held,
  unpaid,
  organizationId,
}: Props & { unpaid: NonNullable<HeldPlan["unpaid"]> }) {
  const href = safeLink(unpaid.url);
  return (
    <Banner
      tone="warning"
      title={unpaid.why ?? "A change waits for its payment"}
      action={
        <div className="flex flex-wrap items-start gap-2">
          {href && (
            <ButtonLink href={href} external variant="primary">
              {payingInWords(unpaid.because)}
            </ButtonLink>
          )}
          <Ask
            action={giveUp}
            held={held}
            organizationId={organizationId}
            label="Give the change up"
          />
        </div>
      }
    >
      The change to {nameOf(unpaid)}
      {costOf(unpaid)}, takes effect when it is paid
      {unpaid.until && (
        <>
          , until <Time at={unpaid.until} relative={false} />
        </>
      )}
      .
    </Banner>
  );
}

function Lapsed({
  held,
  lapsed,
  base,
}: {
  held: HeldPlan;
  lapsed: NonNullable<HeldPlan["lapsed"]>;
  base: string;
}) {
  const { id: subscription } = held.subscription;
  const { priceRef: to, quantity: seats } = lapsed;
  return (
    <Banner
      tone="info"
      title={`The change to ${nameOf(lapsed)} was not paid in time, so it lapsed`}
      action={
        <ButtonLink href={changeAddress(base, { subscription, to, seats, timing: "now" })}>
          See what it costs now
        </ButtonLink>
      }
    >
      Your plan is unchanged, and nothing is charged for it.
    </Banner>
  );
}

function Ask({
  action,
  held,
  organizationId,
  label,
}: Props & { action: FormAction; label: string }) {
  return (
    <Form action={action} className="grid gap-2">
      <input type="hidden" name="organizationId" value={organizationId} />
      <input type="hidden" name="subscriptionId" value={held.subscription.id} />
      <input type="hidden" name="revision" value={held.revision} />
      <div>
        <SubmitButton variant="secondary">{label}</SubmitButton>
      </div>
    </Form>
  );
}
