import { createHash } from "node:crypto";
import { RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";
import { sql } from "#db/client.ts";
import { AppError } from "#lib/errors.ts";

/**
 * How often each thing may be tried. The limit per account alone is high, so that a stranger who
 * guesses from one address cannot keep the owner out from another.
 */
const LIMITS = {
  sign_in_address: { points: 60, seconds: 15 * 60 },
  sign_in_account: { points: 100, seconds: 60 * 60 },
  sign_in_address_and_account: { points: 6, seconds: 15 * 60 },
  reset_address: { points: 20, seconds: 60 * 60 },
  reset_account: { points: 3, seconds: 60 * 60 },
  link_address: { points: 60, seconds: 60 * 60 },
  portal_link_of_key: { points: 600, seconds: 60 },
  portal_link_address: { points: 60, seconds: 15 * 60 },
  password_of_user: { points: 10, seconds: 60 * 60 },
  invitation_of_actor: { points: 100, seconds: 60 * 60 },
  quote_of_organization: { points: 60, seconds: 10 * 60 },
} as const;

export type Limit = keyof typeof LIMITS;

/** Counts one more try; throws `too_many_requests` with the time to wait when it is one too many. */
export async function countTry(
  limit: Limit,
  key: string,
  tooMany = "Too many attempts.",
): Promise<void> {
  try {
    await limiter(limit).consume(hashed(key));
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    const seconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
    const minutes = Math.ceil(seconds / 60);
    throw new AppError(
      "too_many_requests",
      `${tooMany} Try again in ${minutes === 1 ? "a minute" : `${minutes} minutes`}.`,
      { retryAfterSeconds: seconds },
    );
  }
}

/** Takes a try back: it was right, so it does not count. */
export async function forgiveTry(limit: Limit, key: string): Promise<void> {
  await limiter(limit).reward(hashed(key));
}

function limiter(limit: Limit): RateLimiterPostgres {
  const { points, seconds } = LIMITS[limit];
  return new RateLimiterPostgres({
    storeClient: client,
    storeType: "client",
    tableName: "rate_limits",
    tableCreated: true,
    clearExpiredByTimeout: false,
    keyPrefix: limit,
    points,
    duration: seconds,
  });
}

/** The one method of node-postgres that the limiter needs, over our driver. */
const client = {
  async query({ text, values }: { text: string; values: (string | number | null)[] }) {
    const rows = await sql().unsafe(text, values);
    return { rows, rowCount: rows.length };
  },
};

/** Keys hold addresses and e-mails; the table need not. */
function hashed(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 40);
}
