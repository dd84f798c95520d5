import { and, eq, sql } from "drizzle-orm";
import { db, listsDb } from "#db/client.ts";
import { byTime, microsOf } from "#db/keyset.ts";
import { commands, invoices, orders, organizations, payments, products } from "#db/schema/index.ts";
import type { Administrator } from "../../actor.ts";
import { productCatalogue } from "../../catalogue/product-views.ts";
import { config } from "../../config.ts";
import type { Mode } from "../../gateways/gateway.ts";
import { pageOf as listPageOf, type PageRequest, writePosition } from "../../keyset.ts";
import { pageOf } from "../asking/answer.ts";
import { type Asker, askedFor } from "../asking/authority.ts";
import { closeFinished } from "../asking/pages-store.ts";
import { findCommand } from "../asking/store.ts";
import { sellerIn } from "../subscribing/choice.ts";
import { orderRevision, type ProductChoice, productChoices } from "./choice.ts";
import type { OrderState } from "./rules.ts";
import type { OrderRow } from "./store.ts";

export type Shop = {
  /** What can be bought once, each as it stands for one of it. */
  readonly items: readonly ProductChoice[];
  readonly currencies: readonly string[];
  readonly currency: string | undefined;
  readonly sellerTitle: string | undefined;
};

/** What an organization can buy once, in one currency. */
export async function findShop(
  actor: Asker,
  about: { readonly organizationId: string; readonly currency?: string | undefined },
): Promise<Shop> {
  const organizationId = askedFor(actor, about.organizationId);
  const seller = await sellerIn();
  const sold = (await productCatalogue()).filter(({ archivedAt }) => !archivedAt);
  const all = sold.flatMap(({ prices }) => prices.map(({ currency }) => currency));
  const counts = [...Map.groupBy(all, (code) => code)].map(([code, of]) => ({
    code,
    n: of.length,
  }));
  const currencies = counts
    .sort((a, b) => b.n - a.n || (a.code < b.code ? -1 : 1))
    .map(({ code }) => code);
  const currency = currencies.find((code) => code === about.currency) ?? currencies[0];
  const productIds = sold.flatMap(({ id, prices }) =>
    prices.some((price) => price.currency === currency) ? [id] : [],
  );
  const wishes = currency ? { productIds, currency, quantity: 1 } : undefined;
  const items = wishes ? await productChoices(db(), organizationId, seller, wishes) : [];
  return { items, currencies, currency, sellerTitle: seller.title };
}

/** Whether there is anything to buy once, or anything that was bought. */
export async function hasShop(organizationId: string): Promise<boolean> {
  const [row] = await db().execute<{ is_there: boolean }>(sql`
    select exists (select from products where archived_at is null)
      or exists (select from orders where organization_id = ${organizationId}) as is_there`);
  return row?.is_there ?? false;
}

const SHOWN = {
  id: orders.id,
  organizationId: orders.organizationId,
  productName: products.name,
  quantity: orders.quantity,
  currency: orders.currency,
  amountMinor: orders.amountMinor,
  chargedMinor: orders.chargedMinor,
  refundedMinor: orders.refundedMinor,
  state: orders.state,
  page: orders.page,
  orderedAt: orders.orderedAt,
  completedAt: orders.completedAt,
  micros: microsOf(orders.orderedAt),
};

/** An organization's orders, the newest first. */
export async function listOrders(
  actor: Asker,
  about: { readonly organizationId: string },
  request: PageRequest = {},
) {
  const organizationId = askedFor(actor, about.organizationId);
  const { where, orderBy, limit } = byTime(orders.orderedAt, orders.id, request);
  const rows = await db()
    .select(SHOWN)
    .from(orders)
    .innerJoin(products, eq(products.id, orders.productId))
    .where(and(eq(orders.organizationId, organizationId), eq(orders.mode, config().mode), where))
    .orderBy(orderBy)
    .limit(limit);
  return listPageOf(rows, request, (row) => writePosition(row.micros, row.id));
}

/** Everybody's orders, the newest first. */
export async function listAllOrders(
  _: Administrator,
  filter: {
    readonly mode: Mode;
    readonly state?: OrderState | undefined;
    readonly organizationId?: string | undefined;
  },
  request: PageRequest = {},
) {
  const { where, orderBy, limit } = byTime(orders.orderedAt, orders.id, request);
  const rows = await listsDb()
    .select({
      ...SHOWN,
      organization: { id: organizations.id, name: organizations.name },
      paymentRef: orders.paymentRef,
      askedBy: commands.askedByLabel,
    })
    .from(orders)
    .innerJoin(products, eq(products.id, orders.productId))
    .innerJoin(organizations, eq(organizations.id, orders.organizationId))
    .innerJoin(commands, eq(commands.id, orders.commandId))
    .where(
      and(
        eq(orders.mode, filter.mode),
        filter.state ? eq(orders.state, filter.state) : undefined,
        filter.organizationId ? eq(orders.organizationId, filter.organizationId) : undefined,
        where,
      ),
    )
    .orderBy(orderBy)
    .limit(limit);
  return listPageOf(rows, request, (row) => writePosition(row.micros, row.id));
}

export type OrderView = NonNullable<Awaited<ReturnType<typeof findOrder>>>;

/** An order of the organization's own with what became of it; nothing for anybody else's. */
export async function findOrder(
  actor: Asker,
  { organizationId: named, orderId }: { organizationId: string; orderId: string },
) {
  const organizationId = askedFor(actor, named);
  const [row] = await db()
    .select({ order: orders, productName: products.name })
    .from(orders)
    .innerJoin(products, eq(products.id, orders.productId))
    .where(and(eq(orders.id, orderId), eq(orders.organizationId, organizationId)));
  if (!row) return undefined;
  await closeFinished(db(), row.order.commandId);
  const command = await findCommand(row.order.commandId);
  return {
    ...row.order,
    revision: await orderRevision(db(), row.order),
    productName: row.productName,
    /** Where it is paid, for as long as that page may be open. */
    pageUrl: command && pageOf(command)?.url,
    /** What became of asking for that page. */
    sentence: command?.sentence ?? null,
    payment: await paymentOf(row.order),
  };
}

/** How an order was paid, and the invoice of it, where the gateway made one. */
async function paymentOf({ gateway, mode, paymentRef, organizationId }: OrderRow) {
  if (!paymentRef) return undefined;
  const [payment] = await db()
    .select({ method: payments.method, invoiceId: invoices.id, invoiceNumber: invoices.number })
    .from(payments)
    .leftJoin(
      invoices,
      and(
        eq(invoices.gateway, payments.gateway),
        eq(invoices.mode, payments.mode),
        eq(invoices.ref, payments.invoiceRef),
        eq(invoices.organizationId, organizationId),
      ),
    )
    .where(
      and(eq(payments.gateway, gateway), eq(payments.mode, mode), eq(payments.ref, paymentRef)),
    );
  return payment;
}
