import { CircleCheck, Clock, CreditCard, TriangleAlert, Undo2 } from "lucide-react";
import { ButtonLink, buttonClass } from "#app/_ui/button.tsx";
import { Form } from "#app/_ui/form.tsx";
import { LookAgain } from "#app/_ui/look-again.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { totalInWords } from "#lib/billing/ordering/rules.ts";
import type { OrderView } from "#lib/billing/ordering/views.ts";
import { formatMoney } from "#lib/money.ts";
import { Told } from "../../checkout/told.tsx";
import { giveUp } from "./actions.ts";

type Props = {
  order: OrderView;
  base: string;
  /** The gateway's page, for as long as it may be open. */
  url: string | undefined;
  /** They came back by its way out. */
  wasLeft: boolean;
};

/** What became of an order, in words, with the one thing to do next. */
export function Outcome({ order, base, url, wasLeft }: Props) {
  const { productName, refundedMinor, currency } = order;
  const shop = <ButtonLink href={`${base}/shop`}>Go to the shop</ButtonLink>;
  switch (order.state) {
    case "completed":
      return (
        <Told title={`You bought ${productName}`} icon={<CircleCheck />} action={shop}>
          {refundedMinor > 0
            ? `${formatMoney({ amountMinor: refundedMinor, currency })} of it went back to you.`
            : "It is paid. Nothing renews, and nothing more is charged for it."}
        </Told>
      );
    case "refunded":
      return (
        <Told title="Your money went back" icon={<Undo2 />} action={shop}>
          {formatMoney({ amountMinor: refundedMinor, currency })} went back by the way it came. It
          can take some days until your bank shows it.
        </Told>
      );
    case "canceled":
      return <Canceled order={order} base={base} />;
    case "pending":
      return <Pending order={order} url={url} wasLeft={wasLeft} />;
  }
}

function Canceled({ order, base }: Pick<Props, "order" | "base">) {
  const again = (
    <ButtonLink href={`${base}/shop`} variant="primary">
      Choose again
    </ButtonLink>
  );
  if (order.paymentFailed) {
    return (
      <Told title="The payment did not go through" icon={<TriangleAlert />} action={again}>
        Nothing was charged. You can buy it again and pay in another way.
      </Told>
    );
  }
  if (order.page === "refused") {
    return (
      <Told title="Nothing was bought" icon={<TriangleAlert />} action={again}>
        {order.sentence}
      </Told>
    );
  }
  return (
    <Told title="The payment page is closed" icon={<CreditCard />} action={again}>
      {order.productName}, {totalInWords(order)}. Nothing was charged there.
    </Told>
  );
}

function Pending({ order, url, wasLeft }: Pick<Props, "order" | "url" | "wasLeft">) {
  if (order.page === "opening") {
    return (
      <Told title="The payment page is being opened" icon={<Clock />} action={<LookAgain />}>
        The payment company has not answered yet. This page looks again by itself.
      </Told>
    );
  }
  if (order.page === "complete") {
    return (
      <Told title="The payment is under way" icon={<Clock />} action={<LookAgain />}>
        {order.productName} is yours as soon as it has arrived. You may close this page.
      </Told>
    );
  }
  return (
    <Told
      title={wasLeft ? "You left the payment page" : "The payment page is not finished yet"}
      icon={<CreditCard />}
      action={
        <div className="flex flex-wrap items-start justify-center gap-3">
          {url && (
            <a href={url} className={buttonClass({ variant: "primary" })}>
              Go on to pay
            </a>
          )}
          <GiveUp order={order} />
        </div>
      }
    >
      {order.productName}, {totalInWords(order)}. Nothing was charged.
    </Told>
  );
}

/** Nothing is lost by it: nothing was charged, and the same can be bought again. */
function GiveUp({ order: { id, organizationId, revision } }: Pick<Props, "order">) {
  return (
    <Form action={giveUp} className="grid gap-2">
      <input type="hidden" name="organizationId" value={organizationId} />
      <input type="hidden" name="orderId" value={id} />
      <input type="hidden" name="revision" value={revision} />
      <SubmitButton variant="secondary">Give up this order</SubmitButton>
    </Form>
  );
}
