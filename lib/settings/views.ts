import { and, desc, eq, inArray } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { gatewayConnections, signingSecrets, users } from "#db/schema/index.ts";
import type { Administrator } from "../actor.ts";
import { config } from "../config.ts";
import { AppError } from "../errors.ts";
import type { GatewayName, Mode } from "../gateways/gateway.ts";
import { gateway } from "../gateways/registry.ts";
import { canOpen, fingerprintOf, lastFourOf } from "../sealing.ts";
import type { Shown } from "../seen.ts";
import { environmentOf, type FromEnvironment } from "./environment.ts";
import { readSettings } from "./store.ts";

export type ProductSettings = {
  readonly productName: string;
  /** Where this deployment is reached from outside, without a slash at the end. */
  readonly publicUrl: string;
  readonly supportEmail: string | null;
  /** How long access lasts after a payment failed. */
  readonly graceDays: number;
  /** How many months of events are kept beside this one. */
  readonly monthsKept: number;
  /** `#rrggbb`, or null for Billhook's own. */
  readonly accentColour: string | null;
  /** When a change to more, and one to less, takes effect unless the customer chooses otherwise. */
  readonly upgradeTiming: "now" | "renewal";
  readonly downgradeTiming: "now" | "renewal";
  /** Whether customers may choose the other one. */
  readonly isTimingFree: boolean;
  /** Whether customers may pause what they pay for. */
  readonly isPauseAllowed: boolean;
  /** Whether the page to pay on takes the gateway's promotion codes. */
  readonly takesPromotionCodes: boolean;
  /** Whether the gateway works tax out for what is begun on its pages. */
  readonly worksOutTax: boolean;
  /** Where the public address comes from. */
  readonly publicUrlSource: "settings" | "environment" | "default";
};

/** How many days of grace a stored choice stands for. */
export function graceDaysOf(chosen: unknown): number {
  return typeof chosen === "number" ? chosen : 7;
}

/**
 * What the operator chose, with what holds where nothing was chosen. Inside a transaction, pass it:
 * asking the pool for a second connection while holding one is how a pool comes to wait for itself.
 */
export async function productSettings(tx: Tx = db()): Promise<ProductSettings> {
  const chosen = await readSettings(tx);
  const text = (key: string) => {
    const value = chosen.get(key);
    return typeof value === "string" && value ? value : null;
  };
  const months = chosen.get("monthsKept");
  const { publicUrl, host, port } = config();
  const local = `http://${host === "0.0.0.0" || host === "127.0.0.1" ? "localhost" : host}:${port}`;
  return {
    productName: text("productName") ?? "Billhook",
    publicUrl: text("publicUrl") ?? publicUrl ?? local,
    supportEmail: text("supportEmail"),
    graceDays: graceDaysOf(chosen.get("graceDays")),
    monthsKept: typeof months === "number" ? months : 24,
    accentColour: text("accentColour"),
    upgradeTiming: chosen.get("upgradeTiming") === "renewal" ? "renewal" : "now",
    downgradeTiming: chosen.get("downgradeTiming") === "now" ? "now" : "renewal",
    isTimingFree: chosen.get("isTimingFree") !== false,
    isPauseAllowed: chosen.get("isPauseAllowed") === true,
    takesPromotionCodes: chosen.get("takesPromotionCodes") !== false,
    worksOutTax: chosen.get("worksOutTax") === true,
    publicUrlSource: text("publicUrl") ? "settings" : publicUrl ? "environment" : "default",
  };
}

/** When a change takes effect, as the settings offer it. */
export const timings = { now: "At once", renewal: "At the renewal" } as const;

/** What the form of the settings shows; the public address only where it was chosen there. */
export function settingsShown({ publicUrlSource, publicUrl, ...chosen }: ProductSettings): Shown {
  return choicesInWords({ ...chosen, publicUrl: publicUrlSource === "settings" ? publicUrl : "" });
}

/** Choices in words, by name; those that are left as they are have none. */
export function choicesInWords(
  choices: Readonly<Record<string, string | number | boolean | null | undefined>>,
): Shown {
  const named = Object.entries(choices).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, choiceInWords(value)] as const],
  );
  return Object.fromEntries(named);
}

function choiceInWords(value: string | number | boolean | null): string {
  if (typeof value === "boolean") return value ? "ticked" : "not ticked";
  return value === "now" || value === "renewal" ? timings[value] : String(value ?? "");
}

export type SecretView = {
  readonly id: string;
  readonly label: string;
  readonly lastFour: string;
  readonly source: "stored" | "environment";
  readonly addedBy: string | null;
  readonly addedAt: Date;
  readonly lastUsedAt: Date | null;
  readonly verifiedCount: number;
  readonly retireAt: Date | null;
  /** `lost`: its master key is not here. `absent`: no longer in the environment. */
  readonly status: "active" | "retiring" | "retired" | "lost" | "absent";
};

export type ApiKeyView = {
  /** `none` is payload mode. */
  readonly source: "environment" | "stored" | "none";
  readonly lastFour: string | null;
  readonly setBy: string | null;
  readonly setAt: Date | null;
  readonly accountRef: string | null;
  readonly pausedUntil: Date | null;
  readonly pausedBecause: string | null;
  /** A stored key that the environment's overrules. */
  readonly overruledLastFour: string | null;
};

export type ModeView = {
  readonly mode: Mode;
  readonly secrets: readonly SecretView[];
  readonly apiKey: ApiKeyView;
};

export type GatewayPage = {
  readonly gateway: GatewayName;
  readonly title: string;
  readonly webhookUrl: string;
  readonly publicUrlSource: ProductSettings["publicUrlSource"];
  /** The gateway cannot reach this address. */
  readonly isLocal: boolean;
  readonly eventTypes: readonly string[];
  /** Tiers come from this mode only. */
  readonly deploymentMode: Mode;
  /** A variable in the environment that cannot be used, and why. */
  readonly environmentProblem: string | null;
  readonly test: ModeView;
  readonly live: ModeView;
};

/** All that the page about one gateway shows. Opens no secret. */
export async function gatewayPage(_: Administrator, name: string): Promise<GatewayPage> {
  const adapter = gateway(name);
  const product = await productSettings();
  const { given, problem } = readEnvironment(name);
  const [secrets, connections] = await Promise.all([secretsShown(name), connectionsShown(name)]);
  const side = (mode: Mode): ModeView => ({
    mode,
    secrets: secrets
      .filter((row) => row.mode === mode)
      .map((row) => secretView(row, given))
      .sort((a, b) => RANK[a.status] - RANK[b.status]),
    apiKey: apiKeyView(
      connections.find((row) => row.mode === mode),
      given?.apiKey?.mode === mode ? given.apiKey.key : undefined,
    ),
  });
  return {
    gateway: name,
    title: adapter.title,
    webhookUrl: `${product.publicUrl}/api/webhooks/${name}`,
    publicUrlSource: product.publicUrlSource,
    isLocal: /^https?:\/\/(localhost|127\.|\[::1\]|0\.0\.0\.0)/.test(product.publicUrl),
    eventTypes: adapter.eventTypes,
    deploymentMode: config().mode,
    environmentProblem: problem,
    test: side("test"),
    live: side("live"),
  };
}

/** Retired secrets stay on the page as its memory, the newest of them. */
const SECRETS_MAX = 50;
const RANK = { active: 0, lost: 1, retiring: 2, absent: 3, retired: 4 } as const;

type SecretShown = Awaited<ReturnType<typeof secretsShown>>[number];
type ConnectionShown = Awaited<ReturnType<typeof connectionsShown>>[number];

async function secretsShown(name: GatewayName) {
  return db()
    .select({
      id: signingSecrets.id,
      mode: gatewayConnections.mode,
      label: signingSecrets.label,
      source: signingSecrets.source,
      sealed: signingSecrets.sealed,
      lastFour: signingSecrets.lastFour,
      fingerprint: signingSecrets.fingerprint,
      addedBy: users.name,
      addedAt: signingSecrets.addedAt,
      lastUsedAt: signingSecrets.lastUsedAt,
      verifiedCount: signingSecrets.verifiedCount,
      retireAt: signingSecrets.retireAt,
    })
    .from(signingSecrets)
    .innerJoin(gatewayConnections, eq(gatewayConnections.id, signingSecrets.connectionId))
    .leftJoin(users, eq(users.id, signingSecrets.addedBy))
    .where(eq(gatewayConnections.gateway, name))
    .orderBy(desc(signingSecrets.addedAt), desc(signingSecrets.id))
    .limit(SECRETS_MAX);
}

async function connectionsShown(name: GatewayName) {
  return db()
    .select({ connection: gatewayConnections, mode: gatewayConnections.mode, setBy: users.name })
    .from(gatewayConnections)
    .leftJoin(users, eq(users.id, gatewayConnections.apiKeySetBy))
    .where(
      and(eq(gatewayConnections.gateway, name), inArray(gatewayConnections.mode, ["test", "live"])),
    );
}

function readEnvironment(name: GatewayName): {
  given: FromEnvironment | undefined;
  problem: string | null;
} {
  try {
    return { given: environmentOf(name), problem: null };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { given: undefined, problem: error.message };
  }
}

function secretView(row: SecretShown, given: FromEnvironment | undefined): SecretView {
  const { mode, sealed, fingerprint, ...shown } = row;
  const here = given?.signingSecret;
  const isGiven = here?.mode === mode && fingerprintOf(here.secret) === fingerprint;
  return { ...shown, status: statusOfSecret(row, isGiven) };
}

function statusOfSecret(row: SecretShown, isGiven: boolean): SecretView["status"] {
  if (row.retireAt && row.retireAt.getTime() <= Date.now()) return "retired";
  if (row.source === "environment" && !isGiven) return "absent";
  if (row.sealed && !canOpen(row.sealed) && !isGiven) return "lost";
  return row.retireAt ? "retiring" : "active";
}

function apiKeyView(row: ConnectionShown | undefined, given: string | undefined): ApiKeyView {
  const stored = row?.connection.apiKeySealed ? row.connection : undefined;
  const source = given ? "environment" : stored ? "stored" : "none";
  return {
    source,
    lastFour: given ? lastFourOf(given) : (stored?.apiKeyLastFour ?? null),
    setBy: source === "stored" ? (row?.setBy ?? null) : null,
    setAt: source === "none" ? null : (row?.connection.apiKeySetAt ?? null),
    accountRef: source === "none" ? null : (row?.connection.accountRef ?? null),
    pausedUntil: row?.connection.pausedUntil ?? null,
    pausedBecause: row?.connection.pausedBecause ?? null,
    overruledLastFour: given ? (stored?.apiKeyLastFour ?? null) : null,
  };
}
