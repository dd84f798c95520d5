import { ShoppingBag } from "lucide-react";
import type { Metadata } from "next";
import { ListProblem } from "#app/_lists/list-problem.tsx";
import { listed, neighbours, pageRequest, readAddress } from "#app/_server/address.ts";
import { requireIdentity, requireMember } from "#app/_server/session.ts";
import { settings } from "#app/_server/settings.ts";
import { ButtonLink } from "#app/_ui/button.tsx";
import { ChoiceLinks } from "#app/_ui/choice-links.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Pagination } from "#app/_ui/pagination.tsx";
import { Card, Section } from "#app/_ui/section.tsx";
import { findShop, listOrders } from "#lib/billing/ordering/views.ts";
import { Item } from "./item.tsx";
import { OrderTable } from "./order-table.tsx";

export const metadata: Metadata = { title: "Shop" };

type Props = {
  params: Promise<{ org: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

/** What can be bought once, and what was. */
export default async function ShopPage({ params, searchParams }: Props) {
  const actor = await requireMember((await params).org, ["owner", "billing"]);
  const { organizationId } = actor;
  const asked = await readAddress(searchParams);
  const [shop, { list, problem }, { organizations }, { worksOutTax }] = await Promise.all([
    findShop(actor, { organizationId, currency: asked.currency }),
    listed(() => listOrders(actor, { organizationId }, pageRequest(asked))),
    requireIdentity(),
    settings(),
  ]);
  const base = `/portal/${organizations.find(({ id }) => id === organizationId)?.slug}`;
  const { items, currencies, currency } = shop;
  return (
    <>
      <PageHeader title="Shop" description="Bought once, and never renewed." />
      {items.length === 0 ? (
        <Card>
          <Empty
            title="Nothing is on sale here at the moment"
            icon={<ShoppingBag />}
            action={<ButtonLink href={`${base}/billing`}>Go to billing</ButtonLink>}
          >
            What you bought stays below. Plans are on the billing page.
          </Empty>
        </Card>
      ) : (
        <Section
          title="What you can buy"
          description={howPaid(shop.sellerTitle, worksOutTax)}
          actions={
            currencies.length > 1 && (
              <ChoiceLinks
                label="Currency"
                items={currencies.map((code) => ({
                  label: code,
                  href: `${base}/shop?currency=${code}`,
                  isChosen: code === currency,
                }))}
              />
            )
          }
          flush
        >
          <ul className="divide-y divide-line">
            {items.map((item) => (
              <Item
                key={item.offer.productId}
                item={item}
                base={base}
                organizationId={organizationId}
              />
            ))}
          </ul>
        </Section>
      )}
      {list ? (
        <Section title="Your orders" flush>
          <OrderTable rows={list.rows} base={base} />
          <Pagination {...neighbours(`${base}/shop`, asked, list)} />
        </Section>
      ) : (
        <ListProblem problem={problem} href={`${base}/shop`} />
      )}
    </>
  );
}

function howPaid(sellerTitle: string | undefined, worksOutTax: boolean): string {
  const tax = worksOutTax ? "Tax is worked out there by your address. " : "";
  return `You pay on ${sellerTitle ?? "the payment company"}’s own page. ${tax}Nothing is charged before you confirm it there.`;
}
