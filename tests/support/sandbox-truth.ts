import type { Sql } from "#db/client.ts";
import type { World } from "#sandbox/state/world.ts";

/*
 * What both sides hold, in one form: the gateway's objects on the one, our rows on the other. The
 * sandbox is read directly, so that a misreading of ours cannot agree with itself.
 */

/**
 * The sandbox's own state, as our rows should tell it: all of the customers, and everything of those
 * whose checkout said whose they are.
 */
export function truthOf(world: World): object {
  const linked = new Set(
    world
      .all("checkout.session")
      .filter((it) => it.status === "complete" && it.client_reference_id !== null)
      .map((it) => it.customer),
  );
  const isOurs = ({ customer }: { customer: unknown }) => linked.has(String(customer));
  return {
    subscriptions: byRef(
      world
        .all("subscription")
        .filter(isOurs)
        .map((it) => ({
          ref: it.id,
          customer: it.customer,
          status: it.status,
          prices: it.items.data.map(({ price, quantity }) => `${price.id} x ${quantity}`),
          periodEnd: Math.min(...it.items.data.map((item) => item.current_period_end)),
          cancelAt: it.cancel_at,
          endedAt: it.ended_at,
          latestInvoice: it.latest_invoice,
        })),
    ),
    invoices: byRef(
      world
        .all("invoice")
        .filter(isOurs)
        .map((it) => ({
          ref: it.id,
          number: it.number,
          status: it.status,
          total: it.total,
          due: it.amount_due,
          paid: it.amount_paid,
          remaining: it.amount_remaining,
          attempts: it.attempt_count,
          lines: it.lines.data.map(({ amount }) => amount),
          notes: world
            .all("credit_note")
            .filter((note) => note.invoice === it.id)
            .map((note) => `${note.number} ${note.total} ${note.status}`)
            .sort(),
        })),
    ),
    payments: byRef(
      world
        .all("payment_intent")
        .filter(isOurs)
        .map((it) => {
          const charge = world.get("charge", String(it.latest_charge));
          const worked = it.status === "succeeded" ? charge : undefined;
          return {
            ref: it.id,
            status: STATUS[it.status] ?? it.status,
            amount: it.amount,
            refunded: worked?.amount_refunded ?? 0,
            disputed: worked?.disputed ?? false,
          };
        }),
    ),
    disputes: byRef(world.all("dispute").map((it) => ({ ref: it.id, status: it.status }))),
    customers: byRef(
      world.all("customer").map((it) => ({ ref: it.id, name: it.name ?? null, email: it.email })),
    ),
  };
}

/** Our words for a payment intent's status, where they differ. */
const STATUS: Readonly<Record<string, string>> = {
  requires_payment_method: "failed",
  requires_confirmation: "pending",
  processing: "pending",
  requires_capture: "authorized",
};

/** Our rows of one connection in the same form. */
export async function heldIn(sql: Sql): Promise<object> {
  const seconds = (column: string) => sql.unsafe(`extract(epoch from ${column})::int`);
  return {
    subscriptions: await sql`
      select ref, customer_ref as customer, gateway_status as status,
        array(select item->>'priceRef' || ' x ' || (item->>'quantity')
          from jsonb_array_elements(items) item) as prices,
        ${seconds("period_end")} as "periodEnd", ${seconds("cancel_at")} as "cancelAt",
        ${seconds("ended_at")} as "endedAt", latest_invoice_ref as "latestInvoice"
      from subscriptions order by ref collate "C"`,
    invoices: await sql`
      select ref, number, status, total_minor::int as total, amount_due_minor::int as due,
        amount_paid_minor::int as paid, amount_remaining_minor::int as remaining,
        attempt_count as attempts,
        array(select (line->>'amountMinor')::int from jsonb_array_elements(lines) line) as lines,
        array(select (note->>'number') || ' ' || (note->>'amountMinor') || ' ' || (note->>'status')
          from jsonb_array_elements(credit_notes) note order by 1) as notes
      from invoices order by ref collate "C"`,
    payments: await sql`
      select ref, status, amount_minor::int as amount, refunded_minor::int as refunded,
        is_disputed as disputed
      from payments order by ref collate "C"`,
    disputes: await sql`
      select ref, gateway_status as status from disputes order by ref collate "C"`,
    customers: await sql`select ref, name, email from customers order by ref collate "C"`,
  };
}

/**
 * The tier that a subscriber's subscriptions entitle to, in plain words: live ones count, the best wins.
 * Undefined while one has a price that is in no plan, since that leaves the tier as it was.
 */
export function tierDue(
  world: World,
  customer: string | undefined,
  tiers: Tiers,
): string | undefined {
  const due = world
    .all("subscription")
    .filter((it) => it.customer === customer && LIVE.has(it.status))
    .flatMap((it) => it.items.data.map(({ price }) => tiers[price.id]));
  if (due.includes(undefined)) return undefined;
  return RANKS.findLast((tier) => due.includes(tier)) ?? "free";
}

type Tiers = Readonly<Record<string, string>>;
const LIVE = new Set(["trialing", "active", "past_due"]);
const RANKS = ["free", "pro", "business"];

function byRef<T extends { ref: string }>(rows: T[]): T[] {
  return rows.sort((a, b) => (a.ref < b.ref ? -1 : 1));
}
