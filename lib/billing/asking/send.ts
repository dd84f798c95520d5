import { db, type Tx } from "#db/client.ts";
import { AppError, isTransient } from "../../errors.ts";
import { log } from "../../log.ts";
import { raiseAlert } from "../../notices/store.ts";
import { HOUR, SECOND } from "../../time.ts";
import { together } from "../../together.ts";
import { errandFor, SEND_LIMIT_SECONDS } from "./errand.ts";
import type { CommandRow, Sent } from "./kind.ts";
import { AFTERWARDS, KINDS } from "./kinds.ts";
import {
  findCommand,
  leaseCommand,
  leaseForgotten,
  noteUnanswered,
  ringTouched,
  settleCommand,
} from "./store.ts";
import { aboutOf } from "./touched.ts";

/** How long one sending may take, and so how long nobody else sends the same. */
export const LEASE_SECONDS = SEND_LIMIT_SECONDS + 5;
/** How long whoever comes second waits for who came first. */
const WAIT_LIMIT = 20 * SECOND;
const WAIT_STEP = 50;
/** Gateways forget idempotency keys after a day: from then on sending again could do it twice. */
const KEYS_HOLD = 23 * HOUR;
const RETRY_MAX_SECONDS = 600;
const AT_ONCE = 5;
const UNANSWERED = "The payment company did not answer for a day.";

/** A command that was asked before, or that was begun just now. */
export type Asked = { readonly id: string; readonly begun?: CommandRow };

/**
 * Sends an open command and settles it. Where somebody else is sending it, waits for them. Answers the
 * command as it then stands; it is still open where the gateway did not answer twice. One that was written
 * down just now is taken for that already.
 */
export async function sendCommand({ id, begun }: Asked): Promise<CommandRow> {
  for (const isLast of [false, true]) {
    const command = (!isLast && begun) || (await leaseCommand(id, LEASE_SECONDS));
    if (!command) return settledInTime(id);
    const over = await sent(command, isLast ? undefined : 0);
    if (over) return over;
  }
  return existing(id);
}

/** Takes up what was asked and never settled: its process ended, or the gateway did not answer. */
export async function sendForgotten(): Promise<void> {
  const forgotten = await leaseForgotten(AT_ONCE, LEASE_SECONDS);
  await Promise.all(forgotten.map((command) => sent(command)));
}

/** Sends a command; answers it where it is settled now. One that was not answered rests, unless said otherwise. */
async function sent(command: CommandRow, restSeconds?: number): Promise<CommandRow | undefined> {
  try {
    if (Date.now() - command.askedAt.getTime() > KEYS_HOLD)
      return await giveUp(command, UNANSWERED);
    const send = KINDS[command.kind as keyof typeof KINDS];
    const outcome = await send(await errandFor(command), command.plan);
    return await settle(command, outcome);
  } catch (error) {
    if (error instanceof AppError && error.code === "gateway_unsure") {
      return await giveUp(command, error.message);
    }
    if (error instanceof AppError && isRefusal(error, command)) {
      return await settle(command, refusal(error, command));
    }
    const asked = error instanceof AppError ? error.retryAfterSeconds : undefined;
    const rest = asked ?? restSeconds ?? Math.min(2 ** command.sends, RETRY_MAX_SECONDS);
    log().warn(
      { err: error, command: command.id, kind: command.kind },
      "a command was not answered",
    );
    await noteUnanswered(command.id, error instanceof Error ? error.message : String(error), rest);
    return rest > 0 ? existing(command.id) : undefined;
  }
}

type Outcome = Parameters<typeof settleCommand>[2];

/**
 * Writes down what became of a command with all that follows from it, unless that was done before. What
 * it touched is rung last, since syncs lock their objects last too. Answers the command as it is then.
 */
async function settle(
  command: CommandRow,
  outcome: Outcome,
  beside: (tx: Tx) => Promise<unknown> = async () => {},
): Promise<CommandRow> {
  const follow = async (tx: Tx) => {
    await AFTERWARDS[command.kind as keyof typeof KINDS]?.(tx, command, outcome);
    await beside(tx);
    await ringTouched(tx, command, outcome.touched);
  };
  try {
    return await db().transaction(async (tx) => {
      const [row] = await together([settleCommand(tx, command, outcome), follow(tx)]);
      if (!row) throw SETTLED_BEFORE;
      return row;
    });
  } catch (error) {
    if (error === SETTLED_BEFORE) return existing(command.id);
    throw error;
  }
}

const SETTLED_BEFORE = Symbol("somebody else wrote down what became of it");

/**
 * Whether it was not done. A key that is refused by now says nothing of what was sent before, perhaps under
 * another; and who is told that it was refused would ask for it a second time.
 */
function isRefusal(error: AppError, { sends }: CommandRow): boolean {
  return error.refusesWhoAsks ? sends === 1 : !isTransient(error);
}

/** A step before the one that was refused may have been done, so what it is about is looked at. */
function refusal(error: AppError, command: CommandRow): Sent {
  const { message: sentence, code } = error;
  return { status: "refused", sentence, answer: { code }, touched: aboutOf(command) };
}

/** Nobody can say any more whether it was done; whoever runs this must look. */
async function giveUp(command: CommandRow, because: string): Promise<CommandRow> {
  const { organizationId, object } = command;
  const shows = object.startsWith("order:") ? "in the order itself" : "in the subscription itself";
  const where = organizationId ? shows : "when its catalogue is read again";
  const sentence = `${because} Whether it was done shows ${where}.`;
  const touched = aboutOf(command);
  return settle(command, { status: "unknown", sentence, answer: {}, touched }, (tx) =>
    raiseAlert(tx, {
      kind: "command_unanswered",
      subject: command.id,
      message:
        `What became of ${command.kind} for ${object} is not known. ${because} ${command.lastError ?? ""}`.trim(),
      href: organizationId
        ? `/admin/organizations/${organizationId}`
        : `/admin/plans/${object.replace("plan:", "").replace("product:", "products/")}`,
    }),
  );
}

async function settledInTime(id: string): Promise<CommandRow> {
  const until = Date.now() + WAIT_LIMIT;
  for (;;) {
    const command = await existing(id);
    if (command.status !== "open" || Date.now() > until) return command;
    await new Promise((resolve) => setTimeout(resolve, WAIT_STEP));
  }
}

async function existing(id: string): Promise<CommandRow> {
  const command = await findCommand(id);
  if (!command) throw new Error(`Command ${id} is not there any more.`);
  return command;
}
