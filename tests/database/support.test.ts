import { expect, test } from "vitest";
import { sql as productSql } from "#db/client.ts";
import { useDatabase } from "#tests/support/database.ts";

const { sql, url } = await useDatabase();

test("gives the product and the test the same migrated database", async () => {
  await sql`create table shared_with_product (id int)`;

  const [row] = await productSql()`
    select to_regclass('shared_with_product') is not null as shared,
      current_database() as name`;

  expect(row).toEqual({ shared: true, name: new URL(url).pathname.slice(1) });
  expect(await sql`select 1 from drizzle.__drizzle_migrations limit 1`).toHaveLength(1);
});
