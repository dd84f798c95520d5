import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sendForgotten } from "#lib/billing/asking/send.ts";
import { acceptQuote, dropPlannedChange } from "#lib/billing/changing/commands.ts";
import { lookAfter } from "#lib/inbox/commands.ts";
import { claimObjects, releaseObjects } from "#lib/inbox/objects.ts";
import {
  type Customer,
  customerWith,
  look,
  person,
  quoteFor,
  seen,
  sellTiers,
} from "#tests/support/commanding.ts";
import { useDatabase } from "#tests/support/database.ts";
import { refusal } from "#tests/support/identity.ts";
import type { Fate, Tapped } from "#tests/support/wire-tap.ts";
import { useWiredSandbox } from "#tests/support/wired-sandbox.ts";

/*
 * One click, one effect, wherever the network, the process or the database ends; against the sandbox,
 * over a wire that is cut at will.
 */

const database = await useDatabase();
const { sql } = database;
const { box, wire } = await useWiredSandbox(database);

let sold: (name: "Basic" | "Pro" | "Business") => string;
let customer: Customer;
/** Transactions that stayed open in the database while a call was on its way. */
let heldDuringCalls: number[] = [];

beforeAll(async () => {
  sold = await sellTiers(box, sql, { Basic: 9_00, Pro: 29_00, Business: 99_00 });
});

beforeEach(async () => {
  decide(() => "pass");
  customer = await customerWith(box, sql, sold("Pro"));
  wire.calls.length = 0;
  heldDuringCalls = [];
});

afterEach(() => {
  expect(heldDuringCalls).toEqual([]);
});

/** Every call waits until what is in a transaction by chance would have ended. */
function decide(fate: (call: Tapped) => Fate | Promise<Fate>): void {
  wire.decide(async (call) => {
    const before = await transactions();
    if (before.length > 0) {
      await new Promise((done) => setTimeout(done, 200));
      const after = await transactions();
      const held = before.filter((one) => after.some((two) => two.same === one.same));
      heldDuringCalls.push(...held.map(({ pid }) => pid));
    }
    return fate(call);
  });
}

function transactions() {
  return sql<{ pid: number; same: string }[]>`
    select pid, pid || ' ' || xact_start as same from pg_stat_activity
    where datname = current_database() and state like 'idle in transaction%'`;
}

/** The call that changes the plan. */
function isChange({ method, path }: Tapped): boolean {
  return method === "POST" && path === `/v1/subscriptions/${customer.subscriptionRef}`;
}

/** The fates of the change, one for each time that it is sent; afterwards it passes. */
function fates(...all: Fate[]): void {
  const left = [...all];
  decide((call) => (isChange(call) ? (left.shift() ?? "pass") : "pass"));
}

/** How often the change was sent, and under which keys. */
function sent(): { times: number; keys: number } {
  const keys = wire.calls.filter(isChange).map(({ key }) => key);
  return { times: keys.length, keys: new Set(keys).size };
}

/** How often it was done. */
async function invoicesOfChanges(): Promise<number[]> {
  const { data } = await box.stripe.invoices.list({ customer: customer.payer.customer });
  return data
    .filter(({ billing_reason: reason }) => reason === "subscription_update")
    .map(({ amount_paid: paid }) => paid);
}

async function accept(quoteId: string, actor = customer.owner) {
  const { organizationId } = customer;
  const accepted = await acceptQuote(actor, { organizationId, quoteId });
  if (accepted.kind !== "asked") throw new Error(`Quoted anew: ${accepted.because}`);
  return accepted.command;
}

async function commands() {
  return sql<{ id: string; status: string; sentence: string | null; leased: number | null }[]>`
    select id, status, sentence, extract(epoch from leased_until - now())::float as leased
    from commands where organization_id = ${customer.organizationId} order by asked_at`;
}

/** Time passes until what nobody answered may be sent again. */
async function leasesEnd(): Promise<void> {
  await sql`update commands set leased_until = now() - interval '1 second' where status = 'open'`;
}

const UPGRADED = "Plan updated, €35.00 charged today";

describe("one click", () => {
  test("changes the plan for what was quoted, and its page shows it at once", async () => {
    const quote = await quoteFor(customer, sold("Business"));

    const command = await accept(quote.id);
    await lookAfter(command);

    expect(command).toMatchObject({ status: "done", sentence: UPGRADED });
    expect(quote).toMatchObject({ dueMinor: 35_00, creditedMinor: 0, nextTotalMinor: 99_00 });
    expect(await invoicesOfChanges()).toEqual([35_00]);
    const [row] =
      await sql`select price_ref from subscriptions where id = ${customer.subscriptionId}`;
    expect(row?.price_ref).toBe(sold("Business"));
  });

  test("stands in the audit log, with who asked and for what", async () => {
    const { id } = await quoteFor(customer, sold("Business"));

    await accept(id);

    expect(
      await sql`select action, actor_label, after ->> 'to' as wanted from audit_entries
        where organization_id = ${customer.organizationId}`,
    ).toEqual([
      {
        action: "subscription.change",
        actor_label: customer.owner.label,
        wanted: "Business, €99.00 a month",
      },
    ]);
  });
});

describe("the same wish", () => {
  test("has one effect when it comes twenty times at once, and all see its outcome", async () => {
    const { id } = await quoteFor(customer, sold("Business"));
    // Nineteen others begin while one is sent: whose transactions those are cannot be told.
    wire.decide(() => "pass");

    const all = await Promise.all(Array.from({ length: 20 }, () => accept(id)));

    expect(new Set(all.map((command) => `${command.id} ${command.sentence}`)).size).toBe(1);
    expect(all[0]).toMatchObject({ status: "done", sentence: UPGRADED });
    expect(await commands()).toHaveLength(1);
    expect(await invoicesOfChanges()).toEqual([35_00]);
  }, 60_000);

  test("has one effect when it comes again later, and nothing is sent any more", async () => {
    const { id } = await quoteFor(customer, sold("Business"));
    const first = await accept(id);
    await lookAfter(first);
    wire.calls.length = 0;

    const second = await accept(id);

    expect(second).toEqual(first);
    expect(wire.calls.filter(({ method }) => method === "POST")).toEqual([]);
  });

  test("sees the outcome also when it began before the first one was granted", async () => {
    const { id } = await quoteFor(customer, sold("Business"));
    const isPreview = ({ path }: Tapped) => path === "/v1/invoices/create_preview";
    let goOn = () => {};
    const granted = new Promise<void>((done) => {
      goOn = done;
    });
    let previews = 0;
    decide(async (call): Promise<Fate> => {
      if (!isPreview(call)) return "pass";
      previews += 1;
      if (previews === 1) await granted;
      return "pass";
    });

    const late = accept(id);
    await expect.poll(() => previews).toBeGreaterThan(0);
    const first = await accept(id);
    goOn();

    expect(first).toMatchObject({ status: "done", sentence: UPGRADED });
    expect(await late).toEqual(first);
    expect(await invoicesOfChanges()).toEqual([35_00]);
  });

  test("has one effect when two people have it at once, each on a page of their own", async () => {
    const other = await person(sql, customer.organizationId, "billing");
    const [one, two] = await Promise.all([
      quoteFor(customer, sold("Business")),
      quoteFor(customer, sold("Business"), { actor: other }),
    ]);

    const both = await Promise.all([accept(one.id), accept(two.id, other)]);

    expect(one.id).not.toBe(two.id);
    expect(both[1]?.id).toBe(both[0]?.id);
    expect(await invoicesOfChanges()).toEqual([35_00]);
  });

  test("is a new one once it was granted and taken back", async () => {
    const { organizationId, subscriptionId, owner, payer, subscriptionRef } = customer;
    const drop = async () =>
      dropPlannedChange(owner, { organizationId, subscriptionId, revision: await seen(customer) });
    const plan = async () => {
      const command = await accept(
        (await quoteFor(customer, sold("Basic"), { timing: "renewal" })).id,
      );
      await look(payer, subscriptionRef);
      return command;
    };

    const first = await plan();
    const undone = await drop();
    await look(payer, subscriptionRef);
    const second = await plan();

    expect([first.status, undone.status, second.status]).toEqual(["done", "done", "done"]);
    expect(second.intention).not.toBe(first.intention);
    const { schedule } = await box.stripe.subscriptions.retrieve(subscriptionRef);
    expect(schedule).toEqual(expect.any(String));
  });
});

describe("another wish", () => {
  async function endOf(quoteId: string, actor = customer.owner): Promise<string> {
    let isAnew = false;
    const { organizationId } = customer;
    const end = await refusal(
      acceptQuote(actor, { organizationId, quoteId }).then(({ kind }) => {
        isAnew = kind === "requoted";
      }),
    );
    return isAnew ? "anew" : end;
  }

  test("is told that one is on its way, when two people have different ones at once", async () => {
    const other = await person(sql, customer.organizationId, "billing");
    await sql`update plans set is_per_seat = true where name = 'Pro'`;
    const [up, more] = await Promise.all([
      quoteFor(customer, sold("Business")),
      quoteFor(customer, sold("Pro"), { actor: other, quantity: 3 }),
    ]);

    const ends = await Promise.all([endOf(up.id, customer.owner), endOf(more.id, other)]);

    // Whoever is later is told so, or is shown what it costs after the other one's change.
    expect(ends.toSorted()).toEqual([expect.stringMatching(/^conflict$|^anew$/), "fine"]);
    expect(await invoicesOfChanges()).toHaveLength(1);
    await sql`update plans set is_per_seat = false where name = 'Pro'`;
  });

  test("is refused from a page that is out of date, and nothing is sent", async () => {
    const { id } = await quoteFor(customer, sold("Business"));
    const { payer, subscriptionRef } = customer;
    await box.stripe.subscriptions.update(subscriptionRef, { cancel_at_period_end: true });
    await look(payer, subscriptionRef);
    wire.calls.length = 0;

    await expect(accept(id)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("Something changed since this page was opened"),
    });
    expect(wire.calls.filter(({ key }) => key.startsWith("billhook:"))).toEqual([]);
    expect(await commands()).toEqual([]);
  });

  test("waits until what is on its way is settled", async () => {
    fates("cut before", "cut before");
    const { id } = await quoteFor(customer, sold("Business"));
    const other = await quoteFor(customer, sold("Basic"));

    expect((await accept(id)).status).toBe("open");

    await expect(accept(other.id)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("on its way"),
    });
  });
});

describe("the screen that waits", () => {
  /** What workers may have of what the command is about, when the gateway has told of all of it. */
  async function leftToWorkers(): Promise<string[]> {
    await sql`update gateway_objects set rung = rung + 1 where ref in ${sql(about())}`;
    const claimed = await claimObjects(50);
    await releaseObjects(claimed.map(({ id }) => id));
    return claimed.map(({ ref }) => ref).filter((ref) => about().includes(ref));
  }

  function about(): string[] {
    return [customer.subscriptionRef];
  }

  function looksAtIt(): number {
    const { subscriptionRef } = customer;
    const isLook = ({ path }: Tapped) =>
      path === `/v1/subscriptions/${subscriptionRef}?expand[0]=schedule`;
    return wire.calls.filter(isLook).length;
  }

  test("has what it changes to itself from before it is sent, and looks at it once", async () => {
    const { id } = await quoteFor(customer, sold("Business"));
    await expect.poll(leftToWorkers, { timeout: 5_000 }).toHaveLength(1);
    const taken: string[] = [];
    decide(async (call): Promise<Fate> => {
      if (isChange(call)) taken.push(...(await leftToWorkers()));
      return "pass";
    });

    const command = await accept(id);
    expect(await leftToWorkers()).toEqual([]);
    await lookAfter(command);

    expect(taken).toEqual([]);
    expect(looksAtIt()).toBe(1);
    const isCustomer = ({ path }: Tapped) => path.startsWith("/v1/customers/");
    expect(wire.calls.filter(isCustomer)).toEqual([]);
  });

  test("looks at the customer too where the credit is another one", async () => {
    const { id } = await quoteFor(customer, sold("Basic"));

    await lookAfter(await accept(id));

    const [row] = await sql<{ balance: number }[]>`
      select balance_minor::int as balance from customers where ref = ${customer.payer.customer}`;
    expect(row?.balance).toBe(10_00);
  });

  test("leaves it in peace for a moment, and then to workers", async () => {
    const { id } = await quoteFor(customer, sold("Business"));

    await lookAfter(await accept(id));

    expect(await leftToWorkers()).toEqual([]);
    await expect.poll(leftToWorkers, { timeout: 5_000 }).toHaveLength(1);
  });

  test("keeps nothing from workers for long where nobody looks", async () => {
    fates("cut after", "cut after");
    const { id } = await quoteFor(customer, sold("Business"));

    expect((await accept(id)).status).toBe("open");

    const [row] = await sql<{ seconds: number }[]>`
      select max(extract(epoch from leased_until - now()))::float as seconds
      from gateway_objects where ref in ${sql(about())}`;
    expect(row?.seconds).toBeGreaterThan(0);
    expect(row?.seconds).toBeLessThanOrEqual(10);
  });
});

describe("the network", () => {
  test.each([
    ["before the request", "cut before"],
    ["after the request and before the answer", "cut after"],
    [
      "with the answer lost in a failure",
      { status: 500, body: { error: { type: "api_error", message: "Oh" } } },
    ],
  ] as const)(
    "is cut %s: sent again at once, under the same key, with one effect",
    async (_, fate) => {
      fates(fate);
      const { id } = await quoteFor(customer, sold("Business"));

      const command = await accept(id);

      expect(command).toMatchObject({ status: "done", sentence: UPGRADED });
      expect(sent()).toEqual({ times: 2, keys: 1 });
      expect(await invoicesOfChanges()).toEqual([35_00]);
    },
  );

  test.each(["cut before", "cut after"] as const)(
    "stays %s the answer: the worker goes on, and the effect is one",
    async (fate) => {
      fates(fate, fate);
      const { id } = await quoteFor(customer, sold("Business"));
      expect((await accept(id)).status).toBe("open");

      await sendForgotten();
      expect(sent().times).toBe(2);
      await leasesEnd();
      await sendForgotten();

      expect(await commands()).toMatchObject([{ status: "done", sentence: UPGRADED }]);
      expect(sent()).toEqual({ times: 3, keys: 1 });
      expect(await invoicesOfChanges()).toEqual([35_00]);
    },
  );

  test("loses the first answer to every step, and each step is done once", async () => {
    const { id } = await quoteFor(customer, sold("Basic"), { timing: "renewal" });
    const heard = new Set<string>();
    decide(({ key }) => {
      if (!key.startsWith("billhook:") || heard.has(key)) return "pass";
      heard.add(key);
      return "cut after";
    });

    await accept(id);
    for (let time = 0; time < 3; time += 1) {
      await leasesEnd();
      await sendForgotten();
    }

    expect(await commands()).toMatchObject([
      { status: "done", sentence: "Change scheduled for 1 June 2027" },
    ]);
    const all = box.world.all("subscription_schedule");
    expect(
      all.filter(({ subscription }) => subscription === customer.subscriptionRef),
    ).toHaveLength(1);
    const keys = wire.calls.filter(({ key }) => key.startsWith("billhook:"));
    expect(keys.length).toBeGreaterThan(2);
    expect(new Set(keys.map(({ key, path }) => `${key} ${path}`)).size).toBe(
      new Set(keys.map(({ key }) => key)).size,
    );
  });

  test("is too busy: it rests for as long as the gateway asks", async () => {
    fates({
      status: 429,
      headers: { "retry-after": "7" },
      body: { error: { type: "invalid_request_error", code: "rate_limit", message: "Slower" } },
    });
    const { id } = await quoteFor(customer, sold("Business"));

    expect((await accept(id)).status).toBe("open");

    const [command] = await commands();
    expect(command?.leased).toBeGreaterThan(5);
    expect(command?.leased).toBeLessThanOrEqual(7);
    await sendForgotten();
    expect(sent().times).toBe(1);
    await leasesEnd();
    await sendForgotten();
    expect(await commands()).toMatchObject([{ status: "done" }]);
  });
});

describe("the process", () => {
  test("ends after it was asked and before anything was sent: the worker sends it", async () => {
    fates("cut before", "cut before");
    await accept((await quoteFor(customer, sold("Business"))).id);
    await sql`update commands set sends = 0, leased_until = null, last_error = null where status = 'open'`;

    await sendForgotten();

    expect(await commands()).toMatchObject([{ status: "done", sentence: UPGRADED }]);
    expect(await invoicesOfChanges()).toEqual([35_00]);
  });

  test("ends after it was sent and before that was noted: sent again, the gateway repeats itself", async () => {
    const first = await accept((await quoteFor(customer, sold("Business"))).id);
    await sql`update commands set status = 'open', settled_at = null, answer = null, sentence = null,
      leased_until = now() + interval '20 seconds' where id = ${first.id}`;

    await sendForgotten();
    expect(await commands()).toMatchObject([{ status: "open" }]);
    await leasesEnd();
    await sendForgotten();

    expect(await commands()).toMatchObject([{ status: "done", sentence: UPGRADED }]);
    expect(sent()).toEqual({ times: 2, keys: 1 });
    expect(await invoicesOfChanges()).toEqual([35_00]);
  });

  test("is one of several workers: no two send the same", async () => {
    fates("cut before", "cut before");
    await accept((await quoteFor(customer, sold("Business"))).id);
    await leasesEnd();

    await Promise.all([sendForgotten(), sendForgotten(), sendForgotten()]);

    expect(sent()).toEqual({ times: 3, keys: 1 });
  });

  test("comes late: what somebody else wrote down stands, and nothing follows a second time", async () => {
    const { id } = await quoteFor(customer, sold("Business"));
    decide(async (call): Promise<Fate> => {
      if (isChange(call)) {
        await sql`update commands set status = 'done', sentence = 'Known already.',
          settled_at = now(), answer = '{}', leased_until = null where status = 'open'`;
      }
      return "pass";
    });
    const rung = () =>
      sql`select rung from gateway_objects where ref = ${customer.subscriptionRef}`;
    const before = await rung();

    expect(await accept(id)).toMatchObject({ status: "done", sentence: "Known already." });

    expect(await commands()).toMatchObject([{ status: "done", sentence: "Known already." }]);
    expect(await rung()).toEqual(before);
  });
});

describe("the database", () => {
  test("is away when the answer comes: nobody is told that nothing was done, and it is noted later", async () => {
    const { id } = await quoteFor(customer, sold("Business"));
    decide(async (call): Promise<Fate> => {
      if (isChange(call)) await sql`alter table commands rename to commands_away`;
      return "pass";
    });

    const failure = await accept(id).catch((error: unknown) => error);
    decide(() => "pass");
    await sql`alter table commands_away rename to commands`;

    expect(failure).toMatchObject({
      code: "not_yet",
      message: expect.stringContaining("goes on by itself"),
    });
    await leasesEnd();
    await sendForgotten();
    expect(await commands()).toMatchObject([{ status: "done", sentence: UPGRADED }]);
    expect(await invoicesOfChanges()).toEqual([35_00]);
  });
});

describe("what the gateway does not grant", () => {
  const NO = {
    status: 400,
    body: { error: { type: "invalid_request_error", message: "Not so." } },
  };

  test("is refused with its sentence, and may be asked again under another key", async () => {
    fates(NO);
    const refused = await accept((await quoteFor(customer, sold("Business"))).id);

    const granted = await accept((await quoteFor(customer, sold("Business"))).id);

    expect(refused).toMatchObject({
      status: "refused",
      sentence: expect.stringContaining("Not so."),
    });
    expect(granted).toMatchObject({ status: "done", sentence: UPGRADED });
    expect(sent()).toEqual({ times: 2, keys: 2 });
  });

  test("is not asked again from the page on which it was refused", async () => {
    fates(NO);
    const { id } = await quoteFor(customer, sold("Business"));
    const refused = await accept(id);

    expect(await accept(id)).toEqual(refused);
    expect(sent().times).toBe(1);
  });

  test("is sent again as it was asked, also where its price was taken off sale meanwhile", async () => {
    const short = await sellTiers(box, sql, { Short: 59_00 });
    fates("cut after", "cut after");
    await accept((await quoteFor(customer, short("Short"))).id);
    await box.stripe.prices.update(short("Short"), { active: false });
    await leasesEnd();

    await sendForgotten();

    expect(sent()).toEqual({ times: 3, keys: 1 });
    expect(await commands()).toMatchObject([
      { status: "done", sentence: "Plan updated, €15.00 charged today" },
    ]);
    expect(await invoicesOfChanges()).toEqual([15_00]);
  });

  test("is given up after 23 hours, looked at, and told to administrators", async () => {
    fates("cut after", "cut after");
    const { id } = await accept((await quoteFor(customer, sold("Business"))).id);
    await sql`update commands set asked_at = now() - interval '23 hours 1 minute' where id = ${id}`;
    await leasesEnd();

    await sendForgotten();

    expect(sent().times).toBe(2);
    expect(await commands()).toMatchObject([
      { status: "unknown", sentence: expect.stringContaining("did not answer for a day") },
    ]);
    expect(await sql`select kind from alerts where subject = ${id}`).toEqual([
      { kind: "command_unanswered" },
    ]);
    expect(await isRung()).toBe(true);
  });
});

describe("what nobody can know", () => {
  const FAILURE = { status: 500, body: { error: { type: "api_error", message: "Oh" } } };
  const NO_KEY = { status: 401, body: { error: { message: "Invalid API Key provided" } } };
  const CLASH = {
    status: 400,
    body: { error: { type: "idempotency_error", message: "Keys can only be used again for" } },
  };

  const alerts = () => sql`select kind from alerts
    where subject in (select id from commands where organization_id = ${customer.organizationId})`;

  test("is not called refused where its key is known for something else: it is looked at", async () => {
    fates("cut after", "cut after", CLASH);
    await accept((await quoteFor(customer, sold("Business"))).id);
    await leasesEnd();

    await sendForgotten();

    expect(await commands()).toMatchObject([
      {
        status: "unknown",
        sentence:
          "Stripe does not say what came of it. Whether it was done shows in the subscription itself.",
      },
    ]);
    expect(await isRung()).toBe(true);
    expect(await alerts()).toEqual([{ kind: "command_unanswered" }]);
  });

  test("is given up at once where the gateway only repeats a failure, and may be asked again", async () => {
    fates(FAILURE, { ...FAILURE, headers: { "idempotent-replayed": "true" } });

    const first = await accept((await quoteFor(customer, sold("Business"))).id);
    const second = await accept((await quoteFor(customer, sold("Business"))).id);

    expect(first.status).toBe("unknown");
    expect(await alerts()).toHaveLength(1);
    expect(second).toMatchObject({ status: "done", sentence: UPGRADED });
  });

  test("waits for a key that works: one that is refused says nothing of what was sent before", async () => {
    const { id } = await quoteFor(customer, sold("Business"));
    let isCut = false;
    decide((call) => {
      if (isCut) return NO_KEY;
      isCut = isChange(call);
      return isCut ? "cut after" : "pass";
    });

    expect((await accept(id)).status).toBe("open");

    decide(() => "pass");
    await leasesEnd();
    await sendForgotten();
    expect(await commands()).toMatchObject([{ status: "done", sentence: UPGRADED }]);
    expect(await invoicesOfChanges()).toEqual([35_00]);
  });

  test("is known where the first call is refused for the key: nothing was done", async () => {
    fates(NO_KEY);

    expect((await accept((await quoteFor(customer, sold("Business"))).id)).status).toBe("refused");
  });
});

async function isRung(): Promise<boolean> {
  const [object] = await sql<{ due: boolean }[]>`
    select rung > synced_rung as due from gateway_objects where ref = ${customer.subscriptionRef}`;
  return object?.due ?? false;
}
