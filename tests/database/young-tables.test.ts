import { beforeAll, describe, expect, test } from "vitest";
import { useDatabase } from "#tests/support/database.ts";

/*
 * PostgreSQL knows nothing of a table that was empty when it last looked, and keeps the plan that it made then.
 * A plan that reads every row of a gateway's is fine at ten rows and ruinous at a million.
 */

const { sql } = await useDatabase();

const MIRRORED = [
  "subscriptions",
  "invoices",
  "payments",
  "disputes",
  "checkouts",
  "customers",
  "payment_methods",
  "gateway_prices",
  "gateway_products",
];

beforeAll(async () => {
  await sql`analyze`;
});

describe("a look by the gateway's id goes by that id from the first row on, in", () => {
  test.each(MIRRORED)("%s", async (table) => {
    const conditions = await conditionsOf(table);

    expect(conditions.join(" ")).toMatch(/\bref = /);
  });
});

/** What the index is asked for, as the plan says; other conditions are checked row by row. */
async function conditionsOf(table: string): Promise<string[]> {
  const lines = await sql.begin(async (tx) => {
    // As soon as there is a row or two.
    await tx`set local enable_seqscan = off`;
    return tx<{ "QUERY PLAN": string }[]>`
      explain select * from ${tx(table)}
      where gateway = ${"stripe"} and mode = ${"test"} and ref = ${"x"}`;
  });
  return lines.map((line) => line["QUERY PLAN"]).filter((line) => line.includes("Index Cond"));
}
