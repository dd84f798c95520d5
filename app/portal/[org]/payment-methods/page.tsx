import { CreditCard } from "lucide-react";
import type { Metadata } from "next";
import { safeLink } from "#app/_billing/safe-link.ts";
import { readAddress, type SearchParams } from "#app/_server/address.ts";
import { requireMember } from "#app/_server/session.ts";
import { Banner } from "#app/_ui/banner.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { Form } from "#app/_ui/form.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Card } from "#app/_ui/section.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import type { Member } from "#lib/actor.ts";
import {
  findMethodPage,
  findMethods,
  type PaymentMethods,
  touchedByReturn,
} from "#lib/billing/paying/views.ts";
import { lookNow } from "#lib/inbox/commands.ts";
import { OnTheWay } from "../checkout/on-the-way.tsx";
import { add } from "./actions.ts";
import { Methods } from "./methods.tsx";
import { Unpaid } from "./unpaid.tsx";

export const metadata: Metadata = { title: "Payment methods" };

type Props = { params: Promise<{ org: string }>; searchParams: SearchParams };

/** With what the organization pays. Cards are entered on the gateway's page, never here. */
export default async function PaymentMethodsPage({ params, searchParams }: Props) {
  const { org } = await params;
  const actor = await requireMember(org, ["owner", "billing"]);
  const { added, go } = await readAddress(searchParams);
  const billing = `/portal/${encodeURIComponent(org)}/billing`;
  const away = go ? safeLink(await findMethodPage(actor)) : undefined;
  if (away) return <OnTheWay url={away} />;
  // Back from the gateway's page, which nobody's word is taken for: the gateway is asked what is there.
  if (added) await seen(actor);
  const paying = await findMethods(actor);
  return (
    <>
      <PageHeader
        title="Payment methods"
        breadcrumbs={[{ label: "Billing", href: billing }, { label: "Payment methods" }]}
        description="Cards are entered on the payment company’s page; their numbers never come here."
        actions={paying && <AddForm actor={actor} paying={paying} />}
      />
      {paying ? (
        <Paying actor={actor} paying={paying} isBack={added !== undefined} />
      ) : (
        <Card>
          <Empty
            icon={<CreditCard />}
            title="Nothing is paid for yet"
            action={<ButtonLink href={billing}>See your plan</ButtonLink>}
          >
            When you choose a plan, the card that pays for it stands here.
          </Empty>
        </Card>
      )}
    </>
  );
}

async function seen(actor: Member): Promise<void> {
  const touched = await touchedByReturn(actor);
  if (touched) await lookNow(touched);
}

function Paying({
  actor,
  paying,
  isBack,
}: {
  actor: Member;
  paying: PaymentMethods;
  isBack: boolean;
}) {
  return (
    <>
      {paying.onItsWay && (
        <Banner tone="info" title="A change is on its way">
          The payment company has not answered yet. Look again in a moment.
        </Banner>
      )}
      {paying.unpaid ? (
        <Unpaid actor={actor} paying={paying} unpaid={paying.unpaid} />
      ) : (
        isBack && (
          <Banner tone="success" title="Your cards, as the payment company has them now">
            A card that was just added stands below. It pays only once it is the default.
          </Banner>
        )
      )}
      <Card flush>
        <Methods actor={actor} paying={paying} />
      </Card>
    </>
  );
}

function AddForm({ actor, paying }: { actor: Member; paying: PaymentMethods }) {
  return (
    <Form action={add} toastOnDone={false}>
      <input type="hidden" name="organizationId" value={actor.organizationId} />
      <input type="hidden" name="revision" value={paying.revision} />
      <SubmitButton variant={paying.unpaid && paying.methods.length > 0 ? "secondary" : "primary"}>
        Add card
      </SubmitButton>
    </Form>
  );
}
