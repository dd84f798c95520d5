import { z } from "zod";
import { db } from "#db/client.ts";
import type { Administrator } from "../actor.ts";
import { recordDeed } from "../audit/store.ts";
import { AppError } from "../errors.ts";
import { newId } from "../ids.ts";
import { checked, line, prose, refusedField } from "../input.ts";
import { refuseUnseen } from "../seen.ts";
import {
  type EntitlementTerms,
  entitlementMeanings,
  entitlementsOfTier,
  insertTier,
  lockTiers,
  replaceEntitlements,
  type TierRow,
  updateTier,
} from "./offer-store.ts";
import { allowanceInWords } from "./rules.ts";
import { tierShown } from "./shown-rules.ts";

export const code = z
  .string("Give it a code.")
  .trim()
  .regex(/^[a-z][a-z0-9_-]{0,39}$/, "Use a to z, digits, - and _, a letter first, 40 at most.");

export const currency = z
  .string("Give a currency.")
  .trim()
  .toUpperCase()
  .regex(/^[A-Z]{3}$/, "Use a three-letter currency code, such as EUR.");

const entitlement = z
  .object({
    key: z
      .string("Give it a key.")
      .trim()
      .regex(/^[a-z][a-z0-9_]{0,63}$/, "Use a to z, digits and _, a letter first, 64 at most."),
    name: line("a name", 80),
    kind: z.enum(["feature", "limit"], "Choose feature or limit."),
    isIncluded: z.boolean().default(true),
    /** Null is without limit. */
    limitValue: z
      .number("Give a whole number, or leave it empty for no limit.")
      .int("Give a whole number.")
      .min(0, "Give 0 or more.")
      .max(1e15, "This is too large; leave it empty for no limit.")
      .nullable()
      .default(null),
  })
  .transform((terms) => (terms.kind === "feature" ? { ...terms, limitValue: null } : terms));

const tier = z.object({
  code,
  name: line("a name", 80),
  description: prose(500).default(""),
  rank: z
    .number("Give a whole number.")
    .int("Give a whole number.")
    .min(0, "Give 0 or more.")
    .max(10_000, "Give 10,000 or less."),
  isDefault: z.boolean().default(false),
  entitlements: z.array(entitlement).max(100, "A tier can have 100 entitlements.").default([]),
});

export type TierInput = z.input<typeof tier>;

/** Makes a level of service. The first one is the default, whatever is said. */
export async function createTier(actor: Administrator, input: TierInput): Promise<{ id: string }> {
  const given = checked(tier, input);
  refuseRepeatedKeys(given.entitlements);
  return db().transaction(async (tx) => {
    const { entitlements, ...terms } = given;
    const known = await lockTiers(tx);
    const row = { ...terms, id: newId("tir"), isDefault: known.length === 0 };
    refuseTaken(row, known);
    if (given.isDefault && !row.isDefault) throw defaultIsTaken(known);
    refuseOtherMeanings(entitlements, await entitlementMeanings(tx, row.id));
    await insertTier(tx, row);
    await replaceEntitlements(tx, row.id, entitlements);
    const after = { ...terms, entitlements: inWords(entitlements) };
    await recordDeed(tx, actor, { action: "tier.create", subject: row.id, after });
    return { id: row.id };
  });
}

/**
 * Changes a level of service. What it allows holds at once for every organization that has it. Which
 * tier is the default, for those who pay for none, stays as it is: organizations are on it.
 */
export async function editTier(
  actor: Administrator,
  input: TierInput & { tierId: string; seen?: string },
): Promise<void> {
  const edited = tier.extend({ tierId: z.string(), seen: z.string().max(64).optional() });
  const { tierId, seen, ...given } = checked(edited, input);
  refuseRepeatedKeys(given.entitlements);
  await db().transaction(async (tx) => {
    const { entitlements, isDefault, ...terms } = given;
    const known = await lockTiers(tx);
    const held = known.find((row) => row.id === tierId);
    if (!held) throw new AppError("not_found", "There is no such tier.");
    if (isDefault && !held.isDefault) throw defaultIsTaken(known);
    const row = { ...held, ...terms };
    const before = await entitlementsOfTier(tx, tierId);
    refuseUnseen(seen, tierShown(held, before), tierShown(row, entitlements));
    refuseTaken(row, known);
    refuseOtherMeanings(entitlements, await entitlementMeanings(tx, tierId));
    await updateTier(tx, row);
    await replaceEntitlements(tx, tierId, entitlements);
    await recordDeed(tx, actor, {
      action: "tier.edit",
      subject: tierId,
      before: { ...held, entitlements: inWords(before) },
      after: { ...row, entitlements: inWords(entitlements) },
    });
  });
}

type Terms = z.output<typeof entitlement>;

function inWords(terms: readonly EntitlementTerms[]) {
  return Object.fromEntries(terms.map((each) => [each.key, allowanceInWords(each)]));
}

function refuseTaken(row: TierRow, known: readonly TierRow[]): void {
  const others = known.filter((other) => other.id !== row.id);
  const fields: Record<string, string> = {};
  const sameCode = others.find((other) => other.code === row.code);
  if (sameCode) fields.code = `${sameCode.name} has this code already.`;
  const sameRank = others.find((other) => other.rank === row.rank);
  if (sameRank) fields.rank = `${sameRank.name} has this rank already.`;
  const [sentence] = Object.values(fields);
  if (sentence) throw new AppError("conflict", sentence, { fields });
}

function defaultIsTaken(known: readonly TierRow[]): AppError {
  const name = known.find((row) => row.isDefault)?.name ?? "Another tier";
  const sentence = `${name} is the tier of everybody who pays for none, and organizations are on it.`;
  return refusedField("isDefault", sentence, "conflict");
}

function refuseRepeatedKeys(terms: readonly Terms[]): void {
  const repeated = terms.findIndex(
    ({ key }, index) => terms.findIndex((t) => t.key === key) < index,
  );
  if (repeated < 0) return;
  const sentence = `"${terms[repeated]?.key}" is listed twice.`;
  throw refusedField(`entitlements.${repeated}.key`, sentence);
}

function refuseOtherMeanings(
  terms: readonly Terms[],
  meanings: ReadonlyMap<string, { name: string; kind: string }>,
): void {
  for (const [index, { key, kind }] of terms.entries()) {
    const known = meanings.get(key);
    if (!known || known.kind === kind) continue;
    const sentence = `"${key}" is a ${known.kind} in another tier, so it is one here too.`;
    throw refusedField(`entitlements.${index}.kind`, sentence, "conflict");
  }
}
