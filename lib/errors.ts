/**
 * Every expected failure in one closed list. A code is the contract: routes map it to a status,
 * screens map it to a sentence, jobs map it to "retry" or "give up".
 */
const STATUS = {
  invalid_input: 422,
  invalid_signature: 400,
  not_signed_in: 401,
  not_allowed: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  too_many_requests: 429,
  gateway_refused: 422,
  gateway_unavailable: 503,
  gateway_unsure: 503,
  not_yet: 503,
  not_configured: 503,
} as const;

export type ErrorCode = keyof typeof STATUS;

/** Codes that time mends: a job backs off and tries again instead of giving up. */
const TRANSIENT: ReadonlySet<ErrorCode> = new Set([
  "gateway_unavailable",
  "not_yet",
  "too_many_requests",
  "not_configured",
]);

/** A failure somebody expected. The message is a sentence that the person who reads it can act on. */
export class AppError extends Error {
  readonly code: ErrorCode;
  /** Field name to sentence, for forms and API clients that sent bad input. */
  readonly fields: Readonly<Record<string, string>>;
  /** How long the other side asked us to wait, in seconds. */
  readonly retryAfterSeconds: number | undefined;
  /** It refuses who asks, whatever is asked: of what was asked before, it says nothing. */
  readonly refusesWhoAsks: boolean;
  /** The mark of what a form would save over, for a person who looked at it and wants to. */
  readonly seen: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      cause?: unknown;
      fields?: Record<string, string>;
      retryAfterSeconds?: number | undefined;
      refusesWhoAsks?: boolean;
      seen?: string | undefined;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.fields = options.fields ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.refusesWhoAsks = options.refusesWhoAsks ?? false;
    this.seen = options.seen;
  }
}

/** The HTTP status that a code answers with. */
export function statusOf(code: ErrorCode): number {
  return STATUS[code];
}

/** Whether waiting can mend it. Bugs are not transient: they are ours to fix. */
export function isTransient(error: unknown): boolean {
  return error instanceof AppError && TRANSIENT.has(error.code);
}

/** States a fact the code relies on. A failure is our bug, never the user's. */
export function invariant(condition: unknown, fact: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${fact}`);
}
