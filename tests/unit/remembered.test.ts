import { expect, test } from "vitest";
import { remembered } from "#lib/settings/remembered.ts";

const later = (ms: number) => new Promise((done) => setTimeout(done, ms));

test("answers with what was last known when asking again takes long", async () => {
  let asked = 0;
  const settings = remembered(async () => {
    asked += 1;
    if (asked > 1) await later(5_000);
    return asked;
  });
  await settings.read("a");
  await later(1_050);

  const started = performance.now();
  const answer = await settings.read("a");

  expect(answer).toBe(1);
  expect(asked).toBe(2);
  expect(performance.now() - started).toBeLessThan(4_000);
});

test("asks the source itself for those who must learn", async () => {
  let asked = 0;
  const settings = remembered(async () => ++asked);
  await settings.read("a");

  expect(await settings.read("a")).toBe(1);
  expect(await settings.read("a", { fresh: true })).toBe(2);
});

test("answers with what was last known when asking again fails, and fails where nothing is known", async () => {
  let broken = false;
  const settings = remembered(async (key: string) => {
    if (broken) throw new Error("away");
    return key;
  });
  await settings.read("a");
  broken = true;
  await later(1_050);

  expect(await settings.read("a")).toBe("a");
  await expect(settings.read("b")).rejects.toThrow("away");
});
