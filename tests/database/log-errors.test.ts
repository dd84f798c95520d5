import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { db } from "#db/client.ts";
import { users } from "#db/schema/index.ts";
import { AppError } from "#lib/errors.ts";
import { toldError } from "#lib/log.ts";
import { useDatabase } from "#tests/support/database.ts";

await useDatabase();

const SECRET = "a-password-hash";

function person() {
  return { id: "usr_1", email: "ana@acme.example", name: "Ana", passwordHash: SECRET };
}

async function failureOf(doing: PromiseLike<unknown>): Promise<Error> {
  try {
    await doing;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("It did not fail.");
}

test("a failed query is told with its code and place, and without what it was given", async () => {
  await db().insert(users).values(person());
  const failure = await failureOf(db().insert(users).values(person()));

  const told = JSON.stringify(toldError(failure));

  expect(failure.message).toContain(SECRET);
  expect(told).not.toContain(SECRET);
  expect(told).not.toContain("ana@acme.example");
  expect(toldError(failure)).toMatchObject({
    code: "23505",
    table_name: "users",
    message: expect.stringContaining('insert into "users"'),
    stack: expect.stringMatching(/log-errors\.test\.ts|\bat /),
  });
});

test("neither is it told where it is the cause of a refusal", async () => {
  const cause = await failureOf(db().execute(sql`select ${SECRET}::int`));
  const refusal = new AppError("not_yet", "Not now.", { cause });

  const told = toldError(refusal);

  expect(told).toMatchObject({ type: "AppError", code: "not_yet" });
  expect(JSON.stringify(told)).toContain("invalid input syntax for type integer");
  expect(JSON.stringify(told)).not.toContain(SECRET);
});

test("a row that the database refuses is not quoted", async () => {
  const failure = await failureOf(
    db().execute(sql`
      insert into users (id, email, name, password_hash) values ('usr_2', ${SECRET}, null, 'x')`),
  );

  expect(JSON.stringify(toldError(failure))).not.toContain(SECRET);
});
