import { z } from "zod";
import { db, type Tx } from "#db/client.ts";
import type { Deed } from "../../audit/store.ts";
import { config } from "../../config.ts";
import { AppError } from "../../errors.ts";
import { checked, id } from "../../input.ts";
import { methodInWords } from "../../payment-method.ts";
import { productSettings } from "../../settings/views.ts";
import { ask, changedMeanwhile } from "../asking/ask.ts";
import { type Asker, askedFor } from "../asking/authority.ts";
import type { Plain } from "../asking/intention.ts";
import type { CommandRow } from "../asking/kind.ts";
import type { KindName } from "../asking/kinds.ts";
import { payBlocker, removalBlocker } from "./rules.ts";
import {
  demandOf,
  type MethodRow,
  type Payer,
  payerOf,
  placeOfCustomer,
  placeOfInvoice,
  slugOf,
} from "./store.ts";

const payerInput = z.object({ organizationId: id, revision: z.string().max(64) });
const methodInput = payerInput.extend({ methodId: id });
const invoiceInput = payerInput.extend({ invoiceId: id, methodId: id.nullable().default(null) });

export type AboutPayer = z.input<typeof payerInput>;
export type AboutMethod = z.input<typeof methodInput>;

/**
 * Opens the gateway's own page for another means of payment; its address is in the command's answer.
 * Card data never touch this deployment.
 */
export async function addMethod(actor: Asker, input: AboutPayer): Promise<CommandRow> {
  const about = checked(payerInput, input);
  const { publicUrl } = await productSettings();
  return askPayer(actor, about, {
    kind: "method.add",
    wanted: null,
    prepare: async (tx, { customer, live }) => {
      const page = `${publicUrl}/portal/${await slugOf(tx, about.organizationId)}/payment-methods`;
      return {
        plan: {
          customerRef: customer.ref,
          currency: live[0]?.currency ?? customer.balanceCurrency ?? "USD",
          successUrl: `${page}?added={CHECKOUT}`,
          cancelUrl: page,
        },
        deed: { subject: customer.ref },
      };
    },
  });
}

/** Makes a means of payment the one that everything is paid with, subscriptions included. */
export async function setDefaultMethod(actor: Asker, input: AboutMethod): Promise<CommandRow> {
  const { methodId, ...about } = checked(methodInput, input);
  return askPayer(actor, about, {
    kind: "method.set_default",
    wanted: { methodId },
    prepare: async (_, { customer, methods, live }) => {
      const method = methodNamed(methods, methodId);
      const before = methods.find(({ ref }) => ref === customer.defaultMethodRef);
      return {
        plan: {
          customerRef: customer.ref,
          methodRef: method.ref,
          method: methodInWords(method),
          subscriptionRefs: live.map(({ ref }) => ref),
        },
        deed: {
          subject: customer.ref,
          before: before ? methodInWords(before) : null,
          after: methodInWords(method),
        },
      };
    },
  });
}

/** Forgets a means of payment, unless a subscription is paid with it or with nothing else. */
export async function removeMethod(actor: Asker, input: AboutMethod): Promise<CommandRow> {
  const { methodId, ...about } = checked(methodInput, input);
  return askPayer(actor, about, {
    kind: "method.remove",
    wanted: { methodId },
    prepare: async (_, { customer, methods, live }) => {
      const method = methodNamed(methods, methodId);
      const { defaultMethodRef } = customer;
      const others = methods.length - 1;
      const blocked = removalBlocker({ method, others, defaultMethodRef, live });
      if (blocked) throw new AppError("conflict", blocked);
      const words = methodInWords(method);
      return {
        plan: { customerRef: customer.ref, methodRef: method.ref, method: words },
        deed: { subject: customer.ref, before: words },
      };
    },
  });
}

/** Tries to collect an open invoice now, with the default card or the one that is named. */
export async function payInvoice(
  actor: Asker,
  input: z.input<typeof invoiceInput>,
): Promise<CommandRow> {
  const { invoiceId, methodId, revision, ...rest } = checked(invoiceInput, input);
  const organizationId = askedFor(actor, rest.organizationId);
  const own = { organizationId, invoiceId };
  const { invoice } = await demandOf(db(), actor, own);
  const command = await ask(actor, {
    kind: "invoice.pay",
    organizationId,
    ...placeOfInvoice(invoice),
    wanted: { methodId },
    revision,
    prepare: async (tx) => {
      const demand = await demandOf(tx, actor, own);
      const blocked = payBlocker(demand.invoice);
      if (blocked) throw new AppError("conflict", blocked);
      const { ref, number, customerRef, subscriptionRef } = demand.invoice;
      const method = methodId
        ? methodNamed((await payerOf(tx, organizationId, invoice.mode)).methods, methodId)
        : undefined;
      const after = method ? { with: methodInWords(method) } : undefined;
      return {
        revision: demand.revision,
        plan: { invoiceRef: ref, methodRef: method?.ref ?? null, customerRef, subscriptionRef },
        deed: { action: "invoice.pay", subject: number ?? ref, after },
      };
    },
  });
  if (!command) throw changedMeanwhile();
  return command;
}

type Wanted = {
  readonly kind: KindName;
  readonly wanted: Plain;
  prepare(
    tx: Tx,
    payer: Payer,
  ): Promise<{ plan: Record<string, unknown>; deed: Omit<Deed, "action"> }>;
};

/** Asks something about who pays for an organization. */
export async function askPayer(
  actor: Asker,
  { organizationId: named, revision }: z.output<typeof payerInput>,
  { kind, wanted, prepare }: Wanted,
): Promise<CommandRow> {
  const organizationId = askedFor(actor, named);
  const { mode } = config();
  const { customer } = await payerOf(db(), organizationId, mode);
  const command = await ask(actor, {
    kind,
    organizationId,
    ...placeOfCustomer(customer),
    wanted,
    revision,
    prepare: async (tx) => {
      const payer = await payerOf(tx, organizationId, mode);
      const { plan, deed } = await prepare(tx, payer);
      return { revision: payer.revision, plan, deed: { action: kind, ...deed } };
    },
  });
  if (!command) throw changedMeanwhile();
  return command;
}

function methodNamed(methods: readonly MethodRow[], methodId: string): MethodRow {
  const method = methods.find(({ id: each }) => each === methodId);
  if (!method) throw new AppError("not_found", "There is no such payment method any more.");
  return method;
}
