import { and, eq, inArray, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import type { HeldDetails } from "#db/schema/customers.ts";
import type { Change } from "#db/schema/inbox.ts";
import { customers, paymentMethods } from "#db/schema/index.ts";
import type { CustomerSnapshot, PaymentMethod } from "../gateways/gateway.ts";
import { newId } from "../ids.ts";
import { formatMoney } from "../money.ts";
import { differs } from "./words.ts";

type Held = typeof customers.$inferSelect;

/**
 * What a gateway says of a customer besides whose it is; its row must be locked. What the snapshot
 * leaves out stays as it is held. Undefined: the gateway deleted the customer.
 */
export async function saveCustomer(
  tx: Tx,
  customerId: string,
  snapshot: CustomerSnapshot | undefined,
): Promise<Change[]> {
  const [held] = await tx.select().from(customers).where(eq(customers.id, customerId));
  if (!held) return [];
  if (!snapshot) return noteDeletion(tx, held);
  const row = rowOf(held, snapshot);
  if (differs(held, row)) await tx.update(customers).set(row).where(eq(customers.id, customerId));
  const methods = await saveMethods(tx, held, row.defaultMethodRef, snapshot.methods);
  return [...changesOf(held, row), ...methods];
}

async function noteDeletion(tx: Tx, held: Held): Promise<Change[]> {
  if (held.deletedAt) return [];
  await tx
    .update(customers)
    .set({ deletedAt: sql`clock_timestamp()` })
    .where(eq(customers.id, held.id));
  await tx.delete(paymentMethods).where(ofCustomer(held));
  return [{ record: recordOf(held), field: "deleted at the gateway", before: "no", after: "yes" }];
}

type Row = Pick<
  Held,
  "email" | "name" | "defaultMethodRef" | "balanceMinor" | "balanceCurrency" | "details"
>;

function rowOf(held: Held, snapshot: CustomerSnapshot): Row {
  const { email, name, balanceMinor, currency, defaultMethodRef } = snapshot;
  return {
    email,
    name,
    defaultMethodRef: defaultMethodRef === undefined ? held.defaultMethodRef : defaultMethodRef,
    balanceMinor: balanceMinor ?? held.balanceMinor,
    balanceCurrency:
      currency === undefined ? held.balanceCurrency : (currency?.toUpperCase() ?? null),
    details: detailsOf(held, snapshot),
  };
}

function detailsOf({ details }: Held, snapshot: CustomerSnapshot): HeldDetails | null {
  const { name, email, address, taxIds } = snapshot;
  if (address === undefined && taxIds === undefined && !details) return null;
  return {
    name,
    email,
    address: address === undefined ? (details?.address ?? null) : address,
    taxIds: (taxIds ?? details?.taxIds ?? []).map((each) => ({ ...each })),
  };
}

function changesOf(held: Held, row: Row): Change[] {
  const record = recordOf(held);
  const told = (
    [
      ["e-mail", held.email, row.email],
      ["name", held.name, row.name],
      ["balance", balanceInWords(held), balanceInWords(row)],
    ] as const
  ).flatMap(([field, before, after]) =>
    before === after ? [] : [{ record, field, before, after }],
  );
  if (told.length > 0 || !differs(held, row)) return told;
  return [{ record, field: "details", before: null, after: "new" }];
}

function balanceInWords({ balanceMinor, balanceCurrency: currency }: Row): string | null {
  if (balanceMinor === null) return null;
  return currency ? formatMoney({ amountMinor: balanceMinor, currency }) : String(balanceMinor);
}

/** The customer's means of payment, all of them; where they are not told, only which is the default. */
async function saveMethods(
  tx: Tx,
  held: Held,
  defaultRef: string | null,
  methods: readonly PaymentMethod[] | undefined,
): Promise<Change[]> {
  const { gateway, mode, ref: customerRef } = held;
  const before = await tx.select().from(paymentMethods).where(ofCustomer(held));
  const after = (methods ?? before).map(({ ref, kind, brand, last4, expMonth, expYear }) => ({
    ...{ gateway, mode, ref, customerRef, kind, brand, last4, expMonth, expYear },
    isDefault: ref === defaultRef,
  }));
  const over = before.filter(({ ref }) => !after.some((each) => each.ref === ref));
  const news = after.filter((row) =>
    differs(
      before.find(({ ref }) => ref === row.ref),
      row,
    ),
  );
  if (over.length > 0) {
    const ids = over.map(({ id }) => id);
    await tx.delete(paymentMethods).where(inArray(paymentMethods.id, ids));
  }
  for (const row of news) {
    const key = [paymentMethods.gateway, paymentMethods.mode, paymentMethods.ref];
    await tx
      .insert(paymentMethods)
      .values({ ...row, id: newId("pmt") })
      .onConflictDoUpdate({ target: key, set: row });
  }
  if (over.length + news.length === 0) return [];
  const field = "payment methods";
  return [{ record: recordOf(held), field, before: inWords(before), after: inWords(after) }];
}

function inWords(methods: readonly Pick<PaymentMethod, "kind" | "brand" | "last4">[]) {
  const words = methods.map(({ kind, brand, last4 }) =>
    last4 ? `${brand ?? kind} •••• ${last4}` : (brand ?? kind),
  );
  return words.length > 0 ? words.sort().join(", ") : null;
}

function ofCustomer({ gateway, mode, ref }: Held) {
  return and(
    eq(paymentMethods.gateway, gateway),
    eq(paymentMethods.mode, mode),
    eq(paymentMethods.customerRef, ref),
  );
}

function recordOf({ ref }: Held): string {
  return `customer ${ref}`;
}
