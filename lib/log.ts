import { type Logger, pino } from "pino";
import { config } from "./config.ts";

/** One JSON line per fact. Never a payload, never a secret: pass ids, and let the log page show the rest. */
export function log(): Logger {
  logger ??= pino(
    {
      level: config().logLevel,
      base: { role: config().role },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: toldError },
      redact: {
        paths: ["password", "secret", "token", "apiKey", "authorization", "*.password", "*.secret"],
        censor: "[redacted]",
      },
    },
    // A line for each webhook, written one by one, would be a tenth of the intake's work. What waits is
    // written when the process ends.
    pino.destination({ dest: 1, sync: false, minLength: 4_096, periodicFlush: 100 }),
  );
  return logger;
}

let logger: Logger | undefined;

const CAUSES_MAX = 5;

/**
 * An error as a line tells it, with its causes. What a failed query was given is left out, and what
 * PostgreSQL quotes of a row: there are password hashes and addresses among it.
 */
export function toldError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const chain: Error[] = [];
  for (let each: unknown = error; each instanceof Error && chain.length < CAUSES_MAX; ) {
    chain.push(each);
    each = each.cause;
  }
  return {
    ...Object.assign({}, ...chain.map(factsOf).reverse()),
    type: error.constructor.name,
    message: chain.map(sentenceOf).join(": "),
    stack: chain.map(stackOf).join("\ncaused by: "),
  };
}

/** What quotes the values of a query or a row. */
const QUOTING: ReadonlySet<string> = new Set(["query", "params", "parameters", "detail", "where"]);

/** Codes and names, such as the constraint that refused. */
function factsOf(error: Error): Record<string, unknown> {
  const isFact = ([name, value]: [string, unknown]) =>
    !QUOTING.has(name) && (typeof value === "string" || typeof value === "number");
  return Object.fromEntries(Object.entries(error).filter(isFact));
}

function sentenceOf(error: Error): string {
  // The message of one is its query with everything that it was given.
  if ("params" in error && "query" in error) return `Failed query: ${error.query}`;
  // PostgreSQL names the value that it cannot read.
  if ("routine" in error) return error.message.replace(/: ".*$/s, "");
  if (!(error instanceof AggregateError)) return error.message;
  const parts = error.errors.map((each) => (each instanceof Error ? each.message : String(each)));
  return [error.message, ...parts].filter(Boolean).join("; ");
}

function stackOf(error: Error): string {
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return [`${error.name}: ${sentenceOf(error)}`, ...frames].join("\n");
}
