import { expect, test } from "vitest";
import { inTurns } from "#lib/in-turn.ts";

/** Work that ends when it is told to. */
function held(said: string[], name: string) {
  const { promise, resolve: end } = Promise.withResolvers<void>();
  const work = async () => {
    said.push(`${name} begins`);
    await promise;
    said.push(`${name} ends`);
    return name;
  };
  return { work, end };
}

const turnOver = () => new Promise((done) => setImmediate(done));

test("what has the same name goes one after the other, and other names go beside it", async () => {
  const inTurn = inTurns();
  const said: string[] = [];
  const first = held(said, "first");
  const second = held(said, "second");
  const other = held(said, "other");
  const all = [
    inTurn("acme", first.work),
    inTurn("acme", second.work),
    inTurn("globex", other.work),
  ];
  await turnOver();
  expect(said).toEqual(["first begins", "other begins"]);
  first.end();
  await turnOver();
  expect(said.slice(2)).toEqual(["first ends", "second begins"]);
  second.end();
  other.end();
  expect(await Promise.all(all)).toEqual(["first", "second", "other"]);
});

test("who comes after one that failed is not held up by it", async () => {
  const inTurn = inTurns();
  const failing = inTurn("acme", () => Promise.reject(new Error("no")));
  const after = inTurn("acme", async () => "done");
  await expect(failing).rejects.toThrow("no");
  expect(await after).toBe("done");
});
