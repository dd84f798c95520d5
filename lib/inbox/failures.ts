import postgres from "postgres";
import type { Failure } from "./batch.ts";

/** What PostgreSQL's refusal, or its silence, means for the rows of a flush. */
export function failureOf(error: unknown): Failure {
  const code = codeOf(error);
  if (code !== undefined && PASSING.has(code)) return "again";
  if (error instanceof postgres.PostgresError) {
    return FAULTS_OF_ROWS.has(error.code.slice(0, 2)) ? "row" : "away";
  }
  if (code !== undefined) return "away";
  return error instanceof DOMException && error.name === "TimeoutError" ? "away" : "row";
}

function codeOf(error: unknown): string | undefined {
  const isCoded = error instanceof Error && "code" in error && typeof error.code === "string";
  return isCoded ? String(error.code) : undefined;
}

/**
 * Deadlock, serialization failure, a plan that a migration outdated; and connections cut after they
 * were made: a flush is safe to repeat, because what the first try stored is a repeat to the second.
 */
const PASSING: ReadonlySet<string> = new Set([
  "40001",
  "40P01",
  "0A000",
  "57P01",
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "ECONNRESET",
  "EPIPE",
]);

/** Whether a failure is the database's own trouble of the moment, not that of what it was asked. */
export function isAway(error: unknown): boolean {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = codeOf(cause);
  if (code === undefined) return false;
  if (!(cause instanceof postgres.PostgresError)) return /^(?:CONNECT|E[A-Z]+$)/.test(code);
  return AWAY.has(code.slice(0, 2)) || code === "55P03" || code === "25P03";
}

/** SQLSTATE classes: connections, resources, an operator's intervention, the system. And waits: for locks, or of ours. */
const AWAY: ReadonlySet<string> = new Set(["08", "53", "57", "58"]);

/** SQLSTATE classes: cardinality, data, integrity, program limits. All else is the server's trouble. */
const FAULTS_OF_ROWS: ReadonlySet<string> = new Set(["21", "22", "23", "54"]);

/** An error for a log line: PostgreSQL's details may quote the row, and with it the payload. */
export function briefly(error: unknown): { code: string | undefined; message: string } {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const message = cause instanceof Error ? cause.message : String(cause);
  return { code: codeOf(cause), message: message.slice(0, 300) };
}
