import { randomBytes } from "node:crypto";
import { and, eq, isNotNull } from "drizzle-orm";
import { newId } from "#lib/ids.ts";
import { fingerprintOf, lastFourOf, openFrom, sealFor } from "#lib/sealing.ts";
import { db, type Tx } from "./client.ts";
import {
  entitlements,
  gatewayConnections,
  gatewayPrices,
  gatewayProducts,
  members,
  organizations,
  plans,
  prices,
  sessions,
  signingSecrets,
  tiers,
  users,
} from "./schema/index.ts";
import { DEMO, type DemoPlan, type DemoTier } from "./seed-data.ts";

/** Null where the person was there already and keeps the password that somebody knows. */
export type Login = { readonly email: string; readonly password: string | null };

export type SeededDemo = {
  readonly administrator: Login;
  readonly owner: Login;
  readonly organizations: readonly { id: string; name: string; slug: string; reference: string }[];
  /** The test mode signing secret that the demo signs its story with. */
  readonly secret: string;
};

/**
 * Fills a deployment with something to look at. What is there already stays as somebody may have
 * changed it; passwords are made anew only when asked for, which signs those people out.
 */
export async function seedDemo(options: {
  hashPassword: (password: string) => Promise<string>;
  newPasswords?: boolean;
}): Promise<SeededDemo> {
  return db().transaction(async (tx) => {
    await seedCatalogue(tx);
    const seeded = [];
    for (const organization of DEMO.organizations) {
      seeded.push(await seedOrganization(tx, organization));
    }
    const administrator = await seedPerson(tx, DEMO.administrator, options);
    const owner = await seedPerson(tx, DEMO.owner, options);
    if (administrator.isNew) await makeAdministrator(tx, administrator.id);
    if (owner.isNew) await makeOwner(tx, owner.id, seeded[0]?.id);
    return {
      administrator: { email: administrator.email, password: administrator.password },
      owner: { email: owner.email, password: owner.password },
      organizations: seeded,
      secret: await seedSecret(tx, administrator.id),
    };
  });
}

/** Somebody who sells something already has a catalogue of their own. */
async function seedCatalogue(tx: Tx): Promise<void> {
  if ((await tx.$count(plans)) > 0) return;
  for (const tier of DEMO.tiers) await seedTier(tx, tier);
  for (const plan of DEMO.plans) await seedPlan(tx, plan);
}

async function seedTier(tx: Tx, tier: DemoTier): Promise<void> {
  const { limits, features, ...terms } = tier;
  await tx
    .insert(tiers)
    .values({ id: newId("tir"), ...terms })
    .onConflictDoNothing();
  const tierId = await idOfTier(tx, tier.code);
  const rows = [
    ...Object.entries(limits).map(([key, limitValue]) => ({
      key,
      kind: "limit" as const,
      limitValue,
    })),
    ...features.map((key) => ({ key, kind: "feature" as const, limitValue: null })),
  ];
  await tx
    .insert(entitlements)
    .values(rows.map((row) => ({ tierId, name: DEMO.names[row.key] ?? row.key, ...row })))
    .onConflictDoNothing();
}

async function seedPlan(tx: Tx, plan: DemoPlan): Promise<void> {
  const { code, name, description } = plan;
  const id = newId("pln");
  await tx
    .insert(plans)
    .values({ id, code, name, description, tierId: await idOfTier(tx, plan.tier) });
  const gateway = { gateway: "stripe", mode: "test" } as const;
  const productRef = `prod_demo_${code}`;
  await tx
    .insert(gatewayProducts)
    .values({ ...gateway, ref: productRef, name, isActive: true })
    .onConflictDoNothing();
  for (const { currency, interval, amountMinor } of plan.prices) {
    const terms = { currency, interval, intervalCount: 1, amountMinor };
    await tx.insert(prices).values({ id: newId("prc"), planId: id, ...terms });
    const period = interval === "month" ? "monthly" : "yearly";
    const suffix = currency === "EUR" ? "" : `_${currency.toLowerCase()}`;
    await tx
      .insert(gatewayPrices)
      .values({
        ...gateway,
        ...terms,
        ref: `price_demo_${code}_${period}${suffix}`,
        productRef,
        isActive: true,
        lookupKey: `${code}_${period}${suffix}`,
        planId: id,
        mappedAt: new Date(),
      })
      .onConflictDoNothing();
  }
}

async function idOfTier(tx: Tx, code: string): Promise<string> {
  const [row] = await tx.select({ id: tiers.id }).from(tiers).where(eq(tiers.code, code));
  if (!row) throw new Error(`The demo's tier ${code} has a rank that another tier has.`);
  return row.id;
}

async function seedOrganization(tx: Tx, wanted: { name: string; reference: string }) {
  const [tier] = await tx.select({ id: tiers.id }).from(tiers).where(eq(tiers.isDefault, true));
  if (!tier) throw new Error("Invariant broken: there is a default tier from the first migration");
  await tx
    .insert(organizations)
    .values({ id: newId("org"), slug: wanted.reference, tierId: tier.id, ...wanted })
    .onConflictDoNothing();
  const [row] = await tx
    .select({ id: organizations.id, name: organizations.name, slug: organizations.slug })
    .from(organizations)
    .where(eq(organizations.reference, wanted.reference));
  if (!row) throw new Error(`Another organization has the address ${wanted.reference}.`);
  return { ...row, reference: wanted.reference };
}

async function seedPerson(
  tx: Tx,
  person: { email: string; name: string },
  options: { hashPassword: (password: string) => Promise<string>; newPasswords?: boolean },
) {
  const password = newPassword();
  const id = newId("usr");
  const passwordHash = await options.hashPassword(password);
  await tx
    .insert(users)
    .values({ id, passwordHash, ...person })
    .onConflictDoNothing();
  const [known] = await tx.select().from(users).where(eq(users.email, person.email));
  if (!known) throw new Error(`Invariant broken: ${person.email} was just made`);
  const isNew = known.id === id;
  if (!isNew && options.newPasswords) {
    await tx.update(users).set({ passwordHash }).where(eq(users.id, known.id));
    await tx.delete(sessions).where(eq(sessions.userId, known.id));
  }
  return {
    id: known.id,
    isNew,
    email: person.email,
    password: isNew || options.newPasswords ? password : null,
  };
}

async function makeAdministrator(tx: Tx, userId: string): Promise<void> {
  await tx.update(users).set({ administratorSince: new Date() }).where(eq(users.id, userId));
}

async function makeOwner(
  tx: Tx,
  userId: string,
  organizationId: string | undefined,
): Promise<void> {
  if (!organizationId) return;
  await tx.insert(members).values({ organizationId, userId, role: "owner" });
}

/** The secret of the demo, the same as before where it still opens and verifies. */
async function seedSecret(tx: Tx, addedBy: string): Promise<string> {
  await tx
    .insert(gatewayConnections)
    .values({ id: newId("con"), gateway: "stripe", mode: "test" })
    .onConflictDoNothing();
  const [connection] = await tx
    .select({ id: gatewayConnections.id })
    .from(gatewayConnections)
    .where(and(eq(gatewayConnections.gateway, "stripe"), eq(gatewayConnections.mode, "test")));
  if (!connection) throw new Error("Invariant broken: a connection that was just made is there");
  const isDemo = and(
    eq(signingSecrets.connectionId, connection.id),
    eq(signingSecrets.label, DEMO.secretLabel),
    isNotNull(signingSecrets.sealed),
  );
  for (const { id, sealed, retireAt } of await tx.select().from(signingSecrets).where(isDemo)) {
    if (sealed && !retireAt) return openFrom("signing_secrets.secret", id, sealed);
  }
  const id = newId("sec");
  const secret = `whsec_${randomBytes(24).toString("hex")}`;
  await tx.insert(signingSecrets).values({
    id,
    connectionId: connection.id,
    label: DEMO.secretLabel,
    source: "stored",
    sealed: sealFor("signing_secrets.secret", id, secret),
    lastFour: lastFourOf(secret),
    fingerprint: fingerprintOf(secret),
    addedBy,
  });
  return secret;
}

/** Four groups of four that can be typed from another screen: 80 random bits. */
function newPassword(): string {
  const letters = "0123456789abcdefghjkmnpqrstvwxyz";
  const random = [...randomBytes(16)].map((byte) => letters.charAt(byte & 31)).join("");
  return random.replace(/(.{4})(?=.)/g, "$1-");
}
