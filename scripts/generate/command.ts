import { randomBytes } from "node:crypto";
import { connect, disconnect } from "#db/client.ts";
import { config } from "#lib/config.ts";
import { AppError } from "#lib/errors.ts";
import { generateLog } from "./log.ts";

const COUNT_MAX = 20_000_000;
const ORGANIZATIONS_MAX = 100_000;
const DAYS = 90;
const BODY_BYTES = 1_000;

/** Fills the event log for a look at it with many rows; refuses where tiers come from live events. */
export async function generate(asked: { count: string; organizations: string }): Promise<string> {
  const count = numberOf("--count", asked.count, COUNT_MAX);
  const organizations = numberOf("--organizations", asked.organizations, ORGANIZATIONS_MAX);
  const { mode, databaseUrl } = config();
  if (mode !== "test") {
    throw new AppError(
      "not_allowed",
      "This deployment is live: made-up events stay out of its log.",
    );
  }
  if (!databaseUrl) throw new AppError("not_configured", "Set DATABASE_URL to a database to fill.");
  const sql = connect(databaseUrl, { max: 1, name: "billhook generate" });
  const name = `gen${randomBytes(3).toString("hex")}x`;
  const began = performance.now();
  try {
    await generateLog(
      sql,
      { name, count, organizations, days: DAYS, bodyBytes: BODY_BYTES },
      (n) => {
        process.stderr.write(`${n.toLocaleString("en")} of ${count.toLocaleString("en")} …\n`);
      },
    );
  } finally {
    await sql.end({ timeout: 5 });
    await disconnect();
  }
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  return `${count} events of ${organizations} organizations in ${seconds} s, called evt_${name}0 and on.`;
}

function numberOf(option: string, given: string, max: number): number {
  const number = Number(given);
  if (Number.isInteger(number) && number >= 1 && number <= max) return number;
  const sentence = `${option} takes a whole number from 1 to ${max.toLocaleString("en")}.`;
  throw new AppError("invalid_input", sentence);
}
