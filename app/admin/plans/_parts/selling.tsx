import { Badge } from "#app/_ui/badge.tsx";
import { Banner } from "#app/_ui/banner.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { Id } from "#app/_ui/id.tsx";
import { Section } from "#app/_ui/section.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { Table } from "#app/_ui/table.tsx";
import type { SellingView } from "#lib/billing/selling/views.ts";
import type { Difference, Remedy } from "#lib/catalogue/drift-rules.ts";
import { chargeInWords, type MirroredPrice } from "#lib/catalogue/mirrored-rules.ts";
import { adopt, publish, rename, withdraw } from "../selling-actions.ts";
import { marketName, PlanDeed } from "./market.tsx";

/** A plan at one gateway: what differs, with both sides and what to do, and what is sold there. */
export function Selling({ planId, selling }: { planId: string; selling: SellingView }) {
  const { market, revision, mirrored, differences } = selling;
  const there = mirrored.filter(({ isDeleted }) => !isDeleted);
  const canPublish = differences.some(({ remedies }) =>
    remedies.some(({ kind }) => kind === "publish"),
  );
  return (
    <>
      <Section
        title={`Differences from ${marketName(market)}`}
        description={
          differences.length > 0
            ? "What is sold here and what is sold there are not the same. Nothing is changed by itself."
            : undefined
        }
        actions={
          canPublish &&
          market.canAsk && (
            <PlanDeed action={publish} place={market} planId={planId} revision={revision}>
              <SubmitButton variant="secondary">Sell at {market.title}</SubmitButton>
            </PlanDeed>
          )
        }
        flush
      >
        <LastCommand selling={selling} />
        {!market.canAsk && (
          <div className="p-4">
            <Banner
              title={`There is no ${market.mode} API key for ${market.title}`}
              action={
                <ButtonLink size="sm" href={`/admin/settings/gateways/${market.gateway}`}>
                  Set a key
                </ButtonLink>
              }
            >
              Without one nothing can be created or changed there from here.
            </Banner>
          </div>
        )}
        <Table
          caption={`Differences from ${marketName(market)}`}
          rows={differences}
          rowKey={({ key }) => key}
          columns={[
            { key: "what", header: "What", cell: ({ what }) => what },
            { key: "here", header: "Here", cell: ({ here }) => here },
            { key: "there", header: `At ${market.title}`, cell: ({ there }) => there },
            {
              key: "do",
              header: "What to do",
              wide: true,
              cell: (difference) => (
                <Advice difference={difference} planId={planId} selling={selling} />
              ),
            },
          ]}
          empty={
            <Empty title="No difference">What is sold here is sold there, and nothing else.</Empty>
          }
        />
      </Section>
      {there.length > 0 && (
        <Section title={`Prices at ${marketName(market)}`} flush>
          <Table
            caption={`Prices of the plan at ${marketName(market)}`}
            rows={there}
            rowKey={({ ref }) => ref}
            columns={[
              { key: "price", header: "Price", cell: (price) => <Price price={price} /> },
              {
                key: "used",
                header: "Subscriptions",
                align: "right",
                cell: ({ subscriptions }) => subscriptions.toLocaleString("en"),
              },
              {
                key: "sale",
                header: "Status",
                narrow: true,
                cell: (price) => <Sale price={price} />,
              },
            ]}
          />
        </Section>
      )}
    </>
  );
}

/** A refusal is of no interest any more once nothing differs. */
function LastCommand({ selling: { command, market, differences } }: { selling: SellingView }) {
  if (!command || command.status === "done") return null;
  const isOpen = command.status === "open";
  if (!isOpen && differences.length === 0) return null;
  return (
    <div className="p-4">
      <Banner
        tone={isOpen ? "info" : "danger"}
        title={
          isOpen
            ? `${market.title} is being asked`
            : `${market.title} did not do what was asked last`
        }
      >
        {isOpen
          ? "It has not answered yet. It is asked again by itself; this page shows what comes of it."
          : command.sentence}
      </Banner>
    </div>
  );
}

function Advice({
  difference,
  planId,
  selling: { market, revision },
}: {
  difference: Difference;
  planId: string;
  selling: SellingView;
}) {
  const about = { place: market, planId, revision };
  const one = (remedy: Remedy) => {
    if (remedy.kind === "adopt") {
      return (
        <PlanDeed key="adopt" action={adopt} {...about} fields={{ priceRef: remedy.priceRef }}>
          <SubmitButton
            size="sm"
            variant="secondary"
            aria-label={`Ask it here: ${difference.there}`}
          >
            Ask it here
          </SubmitButton>
        </PlanDeed>
      );
    }
    if (remedy.kind === "withdraw" && market.canAsk) {
      return (
        <PlanDeed
          key="withdraw"
          action={withdraw}
          {...about}
          fields={{ priceRef: remedy.priceRef }}
        >
          <SubmitButton
            size="sm"
            variant="secondary"
            aria-label={`Take off sale there: ${difference.there}`}
          >
            Take off sale there
          </SubmitButton>
        </PlanDeed>
      );
    }
    if (remedy.kind === "rename" && market.canAsk) {
      return (
        <PlanDeed
          key="rename"
          action={rename}
          {...about}
          fields={{ productRef: remedy.productRef }}
        >
          <SubmitButton
            size="sm"
            variant="secondary"
            aria-label={`Rename there: ${difference.there}`}
          >
            Rename there
          </SubmitButton>
        </PlanDeed>
      );
    }
    return null;
  };
  return (
    <div className="grid gap-2">
      <p>{difference.advice}</p>
      <div className="flex flex-wrap gap-2 max-sm:justify-end">{difference.remedies.map(one)}</div>
    </div>
  );
}

function Price({ price }: { price: MirroredPrice }) {
  const called = [price.product?.name, chargeInWords(price)].filter(Boolean).join(" · ");
  return (
    <div className="grid min-w-0 gap-1">
      <span className="tabular-nums">{called}</span>
      <span className="font-normal">
        <Id value={price.ref} />
      </span>
    </div>
  );
}

function Sale({ price: { isActive, product } }: { price: MirroredPrice }) {
  if (isActive === null) return <Badge>Not told yet</Badge>;
  if (!isActive) return <Badge>Off sale</Badge>;
  if (product?.isActive === false) return <Badge>Product archived</Badge>;
  return <Badge tone="green">On sale</Badge>;
}
