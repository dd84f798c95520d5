import { randomBytes } from "node:crypto";
import { and, eq, isNotNull, isNull, or } from "drizzle-orm";
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
import { DEMO, type DemoPlan, type DemoPrice, type DemoTier } from "./seed-data.ts";
import { seedProducts } from "./seed-products.ts";

/** Null where the person was there already and keeps the password that somebody knows. */
export type Login = { readonly email: string; readonly password: string | null };

export type SeededDemo = {
  readonly administrator: Login;
  readonly owner: Login;
  readonly organizations: readonly { id: string; name: string; slug: string; reference: string }[];
  /** The test mode signing secret that the demo's gateway signs with. */
  readonly secret: string;
};

/** A gateway that the demo may ask: where it is, with which key, and what it calls each price. */
export type DemoGateway = {
  readonly apiBase: string;
  readonly apiKey: string;
  /** By lookup key, such as `pro_monthly`. */
  readonly prices: ReadonlyMap<string, { readonly ref: string; readonly productRef: string }>;
};

/** What `seedDemo` calls the prices of a demo without a gateway to ask: a plan's price in euros, say. */
export function lookupKeyOf(plan: string, { currency, interval }: DemoPrice): string {
  const suffix = currency === "EUR" ? "" : `_${currency.toLowerCase()}`;
  return `${plan}_${interval === "month" ? "monthly" : "yearly"}${suffix}`;
}

/**
 * Fills a deployment with something to look at. What is there already stays as somebody may have
 * changed it; passwords are made anew only when asked for, which signs those people out.
 */
export async function seedDemo(options: {
  hashPassword: (password: string) => Promise<string>;
  newPasswords?: boolean;
  gateway?: DemoGateway;
}): Promise<SeededDemo> {
  return db().transaction(async (tx) => {
    await seedCatalogue(tx);
    await seedGatewayPrices(tx, options.gateway);
    await seedProducts(tx, options.gateway?.prices);
    const seeded = [];
    for (const organization of DEMO.organizations) {
      seeded.push(await seedOrganization(tx, organization));
    }
    const administrator = await seedPerson(tx, DEMO.administrator, options);
    const owner = await seedPerson(tx, DEMO.owner, options);
    if (administrator.isNew) await makeAdministrator(tx, administrator.id);
    if (owner.isNew) await makeOwner(tx, owner.id, seeded[0]?.id);
    const secret = await seedSecret(tx, administrator.id);
    if (options.gateway) await connect(tx, options.gateway);
    return {
      administrator: { email: administrator.email, password: administrator.password },
      owner: { email: owner.email, password: owner.password },
      organizations: seeded,
      secret,
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
  for (const { currency, interval, amountMinor } of plan.prices) {
    const terms = { currency, interval, intervalCount: 1, amountMinor };
    await tx.insert(prices).values({ id: newId("prc"), planId: id, ...terms });
  }
}

/** Puts the gateway's prices into the demo's plans; one that somebody moved stays where it is. */
async function seedGatewayPrices(tx: Tx, gateway: DemoGateway | undefined): Promise<void> {
  const place = { gateway: "stripe", mode: "test" } as const;
  for (const plan of DEMO.plans) {
    const [row] = await tx.select({ id: plans.id }).from(plans).where(eq(plans.code, plan.code));
    if (!row) continue;
    for (const price of plan.prices) {
      const lookupKey = lookupKeyOf(plan.code, price);
      const found = gateway ? gateway.prices.get(lookupKey) : invented(plan.code, lookupKey);
      if (!found) continue;
      const { ref, productRef } = found;
      await tx
        .insert(gatewayProducts)
        .values({ ...place, ref: productRef, name: plan.name, isActive: true })
        .onConflictDoNothing();
      await tx
        .insert(gatewayPrices)
        .values({
          ...place,
          ...price,
          intervalCount: 1,
          ref,
          productRef,
          isActive: true,
          lookupKey,
          planId: row.id,
          mappedAt: new Date(),
        })
        .onConflictDoNothing();
    }
  }
}

/** Names for prices that no gateway made. */
function invented(plan: string, lookupKey: string) {
  return { ref: `price_demo_${lookupKey}`, productRef: `prod_demo_${plan}` };
}

/** Lets the product ask the demo's gateway, wherever it is reached this time. */
async function connect(tx: Tx, { apiBase, apiKey }: DemoGateway): Promise<void> {
  const isDemo = and(eq(gatewayConnections.gateway, "stripe"), eq(gatewayConnections.mode, "test"));
  const [row] = await tx
    .select({ id: gatewayConnections.id })
    .from(gatewayConnections)
    .where(isDemo);
  if (!row) throw new Error("Invariant broken: the demo's secret has made the connection");
  await tx
    .update(gatewayConnections)
    .set({
      apiBase,
      apiKeySealed: sealFor("gateway_connections.api_key", row.id, apiKey),
      apiKeyLastFour: lastFourOf(apiKey),
      apiKeySetAt: new Date(),
    })
    // A key that somebody entered for the gateway itself stays.
    .where(
      and(
        isDemo,
        or(isNull(gatewayConnections.apiKeySealed), isNotNull(gatewayConnections.apiBase)),
      ),
    );
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
