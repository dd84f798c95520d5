import { and, count, desc, eq, inArray, ne, sql } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { commands, organizations, subscriptions } from "#db/schema/index.ts";
import type { Mode, ObjectRef } from "../../gateways/gateway.ts";
import { leaseToScreen, ring } from "../../rings/store.ts";
import type { SubscriptionRow } from "../state.ts";
import type { Asker } from "./authority.ts";
import type { CommandRow, Sent } from "./kind.ts";

/** What a command is about, at one gateway. */
export type Place = { readonly gateway: string; readonly mode: Mode; readonly object: string };

/** Subscriptions of an organization, in a mode or in either: the one that is named, else all that are not over. */
export type Own = {
  readonly organizationId: string;
  readonly mode: Mode | undefined;
  readonly subscriptionId?: string;
};

export type OwnRow = { readonly subscription: SubscriptionRow; readonly settled: number };

/** The organization's own, each with how many commands about it are settled; nobody else's can be named. */
export function ownSubscriptions(
  tx: Tx,
  { organizationId, mode, subscriptionId: named }: Own,
): Promise<OwnRow[]> {
  return tx
    .select({ subscription: subscriptions, settled: settledHere })
    .from(subscriptions)
    .where(
      and(
        eq(subscriptions.organizationId, organizationId),
        mode && eq(subscriptions.mode, mode),
        named ? eq(subscriptions.id, named) : ne(subscriptions.status, "canceled"),
      ),
    )
    .orderBy(desc(subscriptions.id))
    .limit(OWN_MAX);
}

const OWN_MAX = 50;

/** How many commands about the subscription of a row are settled. */
export const settledHere = sql<number>`(
  select count(*)::int from commands c
  where c.gateway = subscriptions.gateway and c.mode = subscriptions.mode
    and c.object = 'subscription:' || subscriptions.ref and c.status <> 'open')`;

/** What an organization is called where an administrator reads of it; its own people are "you". */
export async function nameFor(
  tx: Tx,
  actor: Asker,
  organizationId: string,
): Promise<string | undefined> {
  if (actor.kind === "member") return undefined;
  const [row] = await tx
    .select({ name: organizations.name })
    .from(organizations)
    .where(eq(organizations.id, organizationId));
  return row?.name ?? "The organization";
}

/** How many commands about an object are settled: part of its revision. */
export async function settledCount(tx: Tx, { gateway, mode, object }: Place): Promise<number> {
  return tx.$count(commands, and(about({ gateway, mode, object }), ne(commands.status, "open")));
}

/** The same for several objects of one gateway, by their names; those without any are left out. */
export async function settledCounts(
  tx: Tx,
  { gateway, mode }: Omit<Place, "object">,
  objects: readonly string[],
): Promise<Map<string, number>> {
  const rows = await tx
    .select({ object: commands.object, settled: count() })
    .from(commands)
    .where(
      and(
        eq(commands.gateway, gateway),
        eq(commands.mode, mode),
        inArray(commands.object, [...objects]),
        ne(commands.status, "open"),
      ),
    )
    .groupBy(commands.object);
  return new Map(rows.map(({ object, settled }) => [object, settled]));
}

/** The command about an object that is on its way, if there is one. */
export async function openCommand(tx: Tx, place: Place): Promise<CommandRow | undefined> {
  const [row] = await tx
    .select()
    .from(commands)
    .where(and(about(place), eq(commands.status, "open")));
  return row;
}

export async function findByIntention(tx: Tx, intention: string): Promise<string | undefined> {
  const [row] = await tx
    .select({ id: commands.id })
    .from(commands)
    .where(eq(commands.intention, intention));
  return row?.id;
}

export async function findCommand(id: string): Promise<CommandRow | undefined> {
  const [row] = await db().select().from(commands).where(eq(commands.id, id));
  return row;
}

/** The command about an object that is on its way, else the newest: what a page says of the last wish. */
export async function lastCommand(tx: Tx, place: Place): Promise<CommandRow | undefined> {
  const [row] = await tx
    .select()
    .from(commands)
    .where(about(place))
    .orderBy(sql`${commands.status} = 'open' desc`, desc(commands.askedAt), desc(commands.id))
    .limit(1);
  return row;
}

/** Writes a command down, taken for its first sending. */
export async function insertCommand(
  tx: Tx,
  row: typeof commands.$inferInsert,
  seconds: number,
): Promise<CommandRow> {
  const taken = { ...row, leasedUntil: inSeconds(seconds), sends: 1 };
  const [written] = await tx.insert(commands).values(taken).returning();
  if (!written) throw new Error("A command was written, and is not there.");
  return written;
}

/** Takes an open command for sending, unless somebody else has it. */
export async function leaseCommand(id: string, seconds: number): Promise<CommandRow | undefined> {
  const [row] = await db()
    .update(commands)
    .set({ leasedUntil: inSeconds(seconds), sends: sql`${commands.sends} + 1` })
    .where(and(eq(commands.id, id), isFree))
    .returning();
  return row;
}

/** Takes open commands that nobody is sending. */
export async function leaseForgotten(limit: number, seconds: number): Promise<CommandRow[]> {
  const free = db()
    .select({ id: commands.id })
    .from(commands)
    .where(isFree)
    .orderBy(commands.askedAt)
    .limit(limit)
    .for("update", { skipLocked: true });
  return db()
    .update(commands)
    .set({ leasedUntil: inSeconds(seconds), sends: sql`${commands.sends} + 1` })
    .where(inArray(commands.id, free))
    .returning();
}

/** Notes that it was not answered, and from when on it may be sent again. */
export async function noteUnanswered(id: string, error: string, seconds: number): Promise<void> {
  await db()
    .update(commands)
    .set({ leasedUntil: inSeconds(seconds), lastError: error.slice(0, 1_000) })
    .where(and(eq(commands.id, id), eq(commands.status, "open")));
}

/** Writes down what became of a command, once; undefined where that was done before. */
export async function settleCommand(
  tx: Tx,
  { id }: CommandRow,
  sent: Omit<Sent, "status"> & { status: Sent["status"] | "unknown" },
): Promise<CommandRow | undefined> {
  const { status, sentence, answer, touched } = sent;
  const [settled] = await tx
    .update(commands)
    .set({
      status,
      sentence,
      answer: { ...answer, touched },
      settledAt: sql`clock_timestamp()`,
      leasedUntil: null,
    })
    .where(and(eq(commands.id, id), eq(commands.status, "open")))
    .returning();
  return settled;
}

/** For how long what is sent leaves the objects to the screen that waits; and then, for how long its look. */
const SEND_SECONDS = 10;
const LOOK_SECONDS = 5;

/** Leaves what a command is about to the screen that waits for it, from before it is sent. */
export async function leaveToScreen(
  tx: Tx,
  place: Place,
  about: readonly ObjectRef[],
): Promise<void> {
  if (about.length > 0) await leaseToScreen(tx, place, about, SEND_SECONDS);
}

/**
 * Rings what a command touched: so the truth is looked at even if nobody waits for it any more. With the
 * first sending somebody does, and looks at once.
 */
export async function ringTouched(
  tx: Tx,
  { gateway, mode, sends }: CommandRow,
  touched: readonly ObjectRef[],
): Promise<void> {
  await ring(tx, { gateway, mode }, touched, {
    cause: "command",
    evenIfKnown: true,
    leaseSeconds: sends === 1 ? LOOK_SECONDS : undefined,
  });
}

const isFree = sql`${commands.status} = 'open'
  and (${commands.leasedUntil} is null or ${commands.leasedUntil} <= now())`;

function about({ gateway, mode, object }: Place) {
  return and(eq(commands.gateway, gateway), eq(commands.mode, mode), eq(commands.object, object));
}

function inSeconds(seconds: number) {
  return sql`now() + make_interval(secs => ${seconds})`;
}
