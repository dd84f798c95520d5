import { z } from "zod";
import { AppError } from "./errors.ts";
import { KEY_NAME, type MasterKeys } from "./seal.ts";

const optional = z.string().optional();

const environment = z.object({
  NODE_ENV: optional,
  DATABASE_URL: optional,
  DATABASE_DIRECT_URL: optional,
  DATABASE_POOLER: z.enum(["none", "transaction"]).default("none"),
  ROLE: z.enum(["all", "web", "worker"]).default("all"),
  HOST: z.string().default("127.0.0.1"),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  BILLHOOK_URL: optional,
  BILLHOOK_MODE: z.enum(["test", "live"]).optional(),
  BILLHOOK_MASTER_KEYS: optional,
  BILLHOOK_DATA_DIR: z.string().default(".data"),
  BILLHOOK_DIST_DIR: z.string().default(".next"),
  BILLHOOK_DEMO: z.enum(["0", "1"]).default("0"),
  NEXTAUTH_SECRET: optional,
  TRUST_PROXY: z.enum(["0", "1", "true", "false"]).default("0"),
  SMTP_URL: optional,
  MAIL_FROM: z.string().default("Billhook <billing@localhost>"),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  STRIPE_SECRET_KEY: optional,
  STRIPE_PUBLISHABLE_KEY: optional,
  STRIPE_WEBHOOK_SECRET: optional,
  STRIPE_API_BASE: optional,
  METRICS_TOKEN: z.string().min(16, "at least 16 characters").optional(),
  METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(8),
  POOL_SIZE: z.coerce.number().int().min(1).max(200).default(10),
});

export type Config = ReturnType<typeof parse>;

/** Where this process is: parsed once, on first use, so that a build needs no environment. */
export function config(): Config {
  cached ??= parse(process.env);
  return cached;
}

/** Forgets what was parsed, for whoever changes the environment before anything runs (server, tests). */
export function reloadConfig(changes: Record<string, string | undefined> = {}): Config {
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  cached = parse(process.env);
  return cached;
}

/** The environment a child process starts from, with changes. */
export function childEnvironment(changes: Record<string, string>): NodeJS.ProcessEnv {
  return { ...process.env, ...changes };
}

let cached: Config | undefined;

function parse(source: NodeJS.ProcessEnv) {
  const parsed = environment.safeParse(stated(source));
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new AppError("not_configured", `The environment is not usable. ${faults.join("; ")}`);
  }
  const env = parsed.data;
  return {
    production: env.NODE_ENV === "production",
    demo: env.BILLHOOK_DEMO === "1",
    databaseUrl: env.DATABASE_URL,
    /** A pooler that gives out its connections by the transaction stands before the database. */
    isPooled: env.DATABASE_POOLER === "transaction",
    /** Where connections keep their state: for NOTIFY and migrations. */
    directDatabaseUrl:
      env.DATABASE_DIRECT_URL ??
      (env.DATABASE_POOLER === "transaction" ? undefined : env.DATABASE_URL),
    role: env.ROLE,
    host: env.HOST,
    port: env.PORT,
    publicUrl: publicUrl(env.BILLHOOK_URL),
    mode: env.BILLHOOK_MODE ?? modeOfKey(env.STRIPE_SECRET_KEY) ?? ("test" as const),
    modeIsExplicit: Boolean(env.BILLHOOK_MODE ?? modeOfKey(env.STRIPE_SECRET_KEY)),
    masterKeys: masterKeys(env.BILLHOOK_MASTER_KEYS),
    dataDir: env.BILLHOOK_DATA_DIR,
    distDir: env.BILLHOOK_DIST_DIR,
    authSecret: env.NEXTAUTH_SECRET,
    trustProxy: env.TRUST_PROXY === "1" || env.TRUST_PROXY === "true",
    smtpUrl: env.SMTP_URL,
    mailFrom: env.MAIL_FROM,
    logLevel: env.LOG_LEVEL,
    metricsToken: env.METRICS_TOKEN,
    metricsPort: env.METRICS_PORT,
    workerConcurrency: env.WORKER_CONCURRENCY,
    poolSize: env.POOL_SIZE,
    stripe: {
      secretKey: env.STRIPE_SECRET_KEY,
      publishableKey: env.STRIPE_PUBLISHABLE_KEY,
      webhookSecret: env.STRIPE_WEBHOOK_SECRET,
      apiBase: env.STRIPE_API_BASE,
    },
  };
}

/** A variable that is set to nothing, as compose files and `.env` do, is one that is not set. */
function stated(source: NodeJS.ProcessEnv): Record<string, string> {
  const trimmed = Object.entries(source).map(([name, value]) => [name, value?.trim() ?? ""]);
  return Object.fromEntries(trimmed.filter(([, value]) => value));
}

function modeOfKey(key: string | undefined): "test" | "live" | undefined {
  const match = /^(?:sk|rk)_(test|live)_/.exec(key ?? "");
  return match?.[1] === "live" ? "live" : match?.[1] === "test" ? "test" : undefined;
}

function publicUrl(value: string | undefined): string | undefined {
  if (!value) return undefined;
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
    throw new AppError(
      "not_configured",
      `BILLHOOK_URL must be a http(s) address, but is "${value}".`,
    );
  }
  return value.replace(/\/+$/, "");
}

/** `name:base64,name:base64`, newest first; each 32 bytes. */
function masterKeys(value: string | undefined): MasterKeys {
  const keys = new Map<string, Buffer>();
  for (const part of (value ?? "").split(",").filter((piece) => piece.trim())) {
    const [name = "", encoded = ""] = part.trim().split(":");
    const key = Buffer.from(encoded, "base64");
    if (!KEY_NAME.test(name) || key.length !== 32) {
      throw new AppError(
        "not_configured",
        'BILLHOOK_MASTER_KEYS must be "name:base64" pairs, comma-separated, newest first, 32 bytes each ' +
          '(make one with: echo "k1:$(openssl rand -base64 32)").',
      );
    }
    if (keys.has(name)) {
      throw new AppError("not_configured", `BILLHOOK_MASTER_KEYS names "${name}" twice.`);
    }
    keys.set(name, key);
  }
  return keys;
}
