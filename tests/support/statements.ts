import { vi } from "vitest";
import { db, type Sql } from "#db/client.ts";

/** How many statements are sent through the query builder meanwhile, outside transactions. */
export async function statementsOf(work: () => Promise<unknown>): Promise<number> {
  const client: Sql = Reflect.get(db(), "$client");
  const sent = vi.spyOn(client, "unsafe");
  await work();
  const { length } = sent.mock.calls;
  sent.mockRestore();
  return length;
}
