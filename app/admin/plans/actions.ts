"use server";

import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { attemptForm, fieldsOf } from "#app/_server/attempt.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { type FormState, seenIn } from "#app/_ui/form-state.ts";
import { mapPrice } from "#lib/billing/commands.ts";
import { publishSaved, withdrawSaved } from "#lib/billing/selling/commands.ts";
import { createTier, editTier, type TierInput } from "#lib/catalogue/commands.ts";
import {
  archivePlan,
  createPlan,
  editPlan,
  type PlanInput,
  unarchivePlan,
} from "#lib/catalogue/plan-commands.ts";
import { counted } from "#lib/counted.ts";
import { AppError } from "#lib/errors.ts";
import { type Row, rowsOf, sayingRows } from "./_parts/rows.ts";
import { alsoThere, moneyIn, numberOf } from "./_parts/saving.ts";

const PLANS = "/admin/plans";

export async function saveTier(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    const { tierId } = fieldsOf(data);
    const rows = rowsOf(data, "entitlements", (row) => !row.key?.trim() && !row.name?.trim());
    await sayingRows("entitlements", rows, async () => {
      const input = tierInput(data, rows);
      if (tierId) await editTier(actor, { ...input, tierId, seen: seenIn(fieldsOf(data)) });
      else await createTier(actor, input);
    });
    refresh();
    if (!tierId) redirect(PLANS);
    return "Tier saved. It holds at once for every organization that has it.";
  });
}

export async function savePlan(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    const { planId } = fieldsOf(data);
    const rows = rowsOf(data, "prices", (row) => !row.amount?.trim());
    const saved = await sayingRows("prices", rows, async () => {
      const input = planInput(data, rows);
      if (!planId) return (await createPlan(actor, input)).id;
      await editPlan(actor, { ...input, planId, seen: seenIn(fieldsOf(data)) });
      return planId;
    });
    refresh();
    const told = await alsoThere(data, "sell", (place) =>
      publishSaved(actor, { ...place, soldId: saved }),
    );
    if (!planId) redirect(told.isRefused ? `${PLANS}/${saved}` : PLANS);
    return ["Plan saved.", ...told.sentences].join(" ");
  });
}

export async function archive(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    const { planId = "" } = fieldsOf(data);
    await archivePlan(actor, { planId });
    refresh();
    const told = await alsoThere(data, "withdraw", (place) =>
      withdrawSaved(actor, { ...place, soldId: planId }),
    );
    return ["The plan is off sale.", ...told.sentences].join(" ");
  });
}

export async function unarchive(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    await unarchivePlan(actor, { planId: fieldsOf(data).planId ?? "" });
    refresh();
    return "The plan is on sale again.";
  });
}

export async function map(_: FormState, data: FormData): Promise<FormState> {
  return attemptForm(data, async () => {
    const actor = await requireAdministrator();
    const { gateway = "", mode, priceRef = "", planId = "", seen = "" } = fieldsOf(data);
    if ((mode !== "test" && mode !== "live") || !/^[\x21-\x7e]{1,255}$/.test(gateway + priceRef)) {
      throw new AppError("not_found", "There is no such price.");
    }
    const { organizations } = await mapPrice(actor, {
      gateway,
      mode,
      priceRef,
      planId: planId || null,
      seenPlanId: seen || null,
    });
    refresh();
    const place = planId ? "The price is in its plan." : "The price is in no plan.";
    return `${place} ${followers(organizations)}`;
  });
}

/** Customers read prices too. */
function refresh(): void {
  revalidatePath("/admin/plans", "layout");
  revalidatePath("/");
}

function tierInput(data: FormData, rows: readonly Row[]): TierInput {
  const { code = "", name = "", description = "", rank = "" } = fieldsOf(data);
  return {
    code,
    name,
    description,
    rank: numberOf(rank),
    entitlements: rows.map(entitlementOf),
  };
}

/** What stands in the limit of a feature was typed before it became one, and is not shown. */
function entitlementOf({ fields }: Row): NonNullable<TierInput["entitlements"]>[number] {
  const { key = "", name = "", limitValue = "" } = fields;
  const isLimited = fields.kind === "limit" && limitValue.trim();
  return {
    key,
    name,
    kind: fields.kind === "limit" ? "limit" : "feature",
    isIncluded: fields.isIncluded !== "no",
    limitValue: isLimited ? numberOf(limitValue) : null,
  };
}

function planInput(data: FormData, rows: readonly Row[]): PlanInput {
  const { code = "", name = "", description = "", tierId = "", trialDays = "" } = fieldsOf(data);
  const days = trialDays.trim() ? numberOf(trialDays) : null;
  const isPerSeat = fieldsOf(data).soldBy === "seat";
  return { code, name, description, tierId, trialDays: days, isPerSeat, prices: rows.map(priceOf) };
}

function priceOf(row: Row, place: number): NonNullable<PlanInput["prices"]>[number] {
  const { interval, intervalCount } = row.fields;
  return {
    ...moneyIn(row, place),
    interval: interval === "year" ? "year" : "month",
    intervalCount: Number(intervalCount ?? 1),
  };
}

function followers(organizations: number): string {
  if (organizations === 0) return "No organization subscribes to it.";
  return `${counted(organizations, "organization follows", "organizations follow")}.`;
}
