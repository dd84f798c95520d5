import { eventually, expect } from "./fixtures.ts";
import { test } from "./office.ts";

test("shows a job that was given up with its reason, and tries it again on demand", async ({
  as,
  sql,
}) => {
  const page = await as("administrator");
  await sql`
    insert into pgboss.job (name, data, state, retry_limit, retry_count, started_on, completed_on, output)
    values ('partitions', '{}', 'failed', 6, 6, now(), now(),
      ${sql.json({ ended: "failed", reason: "The disk was full." })})`;
  await page.goto("/admin");
  await page.getByRole("navigation").getByRole("link", { name: "Jobs" }).first().click();
  const givenUp = page.getByRole("table", { name: /given up/ });
  await expect(givenUp).toContainText("Make months of the event log");
  await expect(givenUp).toContainText("The disk was full.");
  await expect(givenUp).toContainText("7 of 7");

  await givenUp.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Try again" }).click();

  await expect(page.getByText("Back in its queue.", { exact: false })).toBeVisible();
  await eventually(page, async () => {
    await expect(page.getByText("Nothing was given up")).toBeVisible({ timeout: 1_000 });
  });
  await expect(async () => {
    const [job] = await sql`
      select state::text from pgboss.job where name = 'partitions' and retry_count >= 6`;
    expect(job?.state).toBe("completed");
  }).toPass({ timeout: 30_000 });
  await page.goto("/admin/audit");
  await expect(page.getByText(/Job: try again/).first()).toBeAttached();
});
