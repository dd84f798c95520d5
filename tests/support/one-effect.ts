import { expect, test } from "vitest";
import type { Sql } from "#db/client.ts";
import type { Member } from "#lib/actor.ts";
import type { CommandRow } from "#lib/billing/asking/kind.ts";
import { sendForgotten } from "#lib/billing/asking/send.ts";
import { lookAfter } from "#lib/inbox/commands.ts";
import { type Customer, person } from "./commanding.ts";
import type { Fate, WireTap } from "./wire-tap.ts";

/** A command as a test tries it: what a click does, and what is then true there and here. */
export type Story = {
  /** What the gateway is told and shown before. */
  prepare?(): Promise<void>;
  /** Reads the page as this person sees it; the answer is the click on its button. */
  page(actor: Member): Promise<() => Promise<CommandRow>>;
  /** How often it was done at the gateway since it was prepared. */
  effects(): number;
  readonly sentence: string | RegExp;
  /** What is held here, beside what the gateway has. */
  truth(): Promise<{ held: unknown; told: unknown }>;
};

export type Stage = {
  readonly sql: Sql;
  readonly wire: () => WireTap;
  readonly customer: () => Customer;
};

const FAILURE = { status: 500, body: { error: { type: "api_error", message: "Oh" } } } as const;

const CUTS: readonly (readonly [string, Fate])[] = [
  ["before the request", "cut before"],
  ["after the request, with the answer lost", "cut after"],
  ["by a failure at the gateway", FAILURE],
];

/** The promise of every command: one effect, whoever clicks how often and wherever the network ends. */
export function hasOneEffect(story: Story, { sql, wire, customer }: Stage): void {
  test("has one effect when it is double-clicked, and both clicks see its outcome", async () => {
    await story.prepare?.();
    const click = await story.page(customer().owner);

    const [first, second] = await Promise.all([click(), click()]);

    expect(second.id).toBe(first.id);
    await isDoneOnce(first);
  });

  test("has one effect when two people ask for it at once", async () => {
    await story.prepare?.();
    const { owner, organizationId } = customer();
    const other = await person(sql, organizationId, "billing");
    const clicks = await Promise.all([story.page(owner), story.page(other)]);

    const [first, second] = await Promise.all(clicks.map((click) => click()));

    expect(second?.id).toBe(first?.id);
    await isDoneOnce(first);
  });

  test("has one effect when the click comes again after it was done", async () => {
    await story.prepare?.();
    const click = await story.page(customer().owner);
    const first = await click();
    await lookAfter(first);

    expect((await click()).id).toBe(first.id);
    await isDoneOnce(first);
  });

  test.each(CUTS)("has one effect when the network is cut %s", async (_, fate) => {
    await story.prepare?.();
    const click = await story.page(customer().owner);
    cutOnce(wire(), fate);

    const command = await click();

    await isDoneOnce(command);
  });

  test.each(CUTS)(
    "is gone on with by the worker when the network stays cut %s",
    async (_, fate) => {
      await story.prepare?.();
      const click = await story.page(customer().owner);
      cutFromThen(wire(), fate);
      expect((await click()).status).toBe("open");

      wire().decide(() => "pass");
      await sql`update commands set leased_until = null where status = 'open'`;
      await sendForgotten();

      await isDoneOnce(await click());
    },
  );

  async function isDoneOnce(command: CommandRow | undefined): Promise<void> {
    if (!command) throw new Error("There is no command.");
    expect(command).toMatchObject({ status: "done" });
    expect(command.sentence).toMatch(story.sentence);
    expect(story.effects()).toBe(1);
    expect(await countOf(command)).toBe(1);
    await lookAfter(command);
    const { held, told } = await story.truth();
    expect(held).toEqual(told);
  }

  async function countOf({ organizationId, kind }: CommandRow): Promise<number> {
    const [row] = await sql<{ n: number }[]>`
      select count(*)::int as n from commands c join audit_entries a
        on a.organization_id = c.organization_id and a.action = c.kind
      where c.organization_id = ${organizationId} and c.kind = ${kind}`;
    return row?.n ?? 0;
  }
}

/** What becomes of the next call that changes something; afterwards all pass. */
function cutOnce(wire: WireTap, fate: Fate): void {
  let isCut = false;
  wire.decide(({ method }) => {
    if (isCut || method === "GET") return "pass";
    isCut = true;
    return fate;
  });
}

/** What becomes of every call from the next one on that changes something: nothing is answered then. */
function cutFromThen(wire: WireTap, fate: Fate): void {
  let isCut = false;
  wire.decide(({ method }) => {
    isCut ||= method !== "GET";
    return isCut ? fate : "pass";
  });
}
