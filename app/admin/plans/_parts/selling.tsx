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
import { nounOf } from "#lib/catalogue/naming-rules.ts";
import { adopt, publish, rename, withdraw } from "../selling-actions.ts";
import { marketName, SoldDeed } from "./market.tsx";

/**
 * A plan or a one-time product at one gateway: what differs, with both sides and what to do, and what is
 * sold there.
 */
export function Selling({ selling }: { selling: SellingView }) {
  const { market, soldId, mirrored, differences } = selling;
  const noun = nounOf(soldId);
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
            <SoldDeed action={publish} selling={selling}>
              <SubmitButton variant="secondary">Sell at {market.title}</SubmitButton>
            </SoldDeed>
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
              cell: (difference) => <Advice difference={difference} selling={selling} />,
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
            caption={`Prices of the ${noun} at ${marketName(market)}`}
            rows={there}
            rowKey={({ ref }) => ref}
            columns={[
              { key: "price", header: "Price", cell: (price) => <Price price={price} /> },
              ...(noun === "plan" ? [USED] : []),
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

const USED = {
  key: "used",
  header: "Subscriptions",
  align: "right",
  cell: ({ subscriptions }: MirroredPrice) => subscriptions.toLocaleString("en"),
} as const;

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

function Advice({ difference, selling }: { difference: Difference; selling: SellingView }) {
  const { advice, remedies, there } = difference;
  return (
    <div className="grid gap-2">
      <p>{advice}</p>
      <div className="flex flex-wrap gap-2 max-sm:justify-end">
        {remedies.map((remedy) => (
          <Mend key={remedy.kind} remedy={remedy} there={there} selling={selling} />
        ))}
      </div>
    </div>
  );
}

/** What can be done about one difference; what is done for all of them at once has its button above. */
function Mend({ remedy, there, selling }: { remedy: Remedy; there: string; selling: SellingView }) {
  if (remedy.kind === "publish") return null;
  const { kind, ...fields } = remedy;
  const { action, label, isAsked } = DEEDS[kind];
  if (isAsked && !selling.market.canAsk) return null;
  return (
    <SoldDeed action={action} selling={selling} fields={fields}>
      <SubmitButton size="sm" variant="secondary" aria-label={`${label}: ${there}`}>
        {label}
      </SubmitButton>
    </SoldDeed>
  );
}

const DEEDS = {
  adopt: { action: adopt, label: "Ask it here", isAsked: false },
  withdraw: { action: withdraw, label: "Take off sale there", isAsked: true },
  rename: { action: rename, label: "Rename there", isAsked: true },
} as const;

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
