import { db, type Tx } from "#db/client.ts";
import { AppError, isTransient } from "../../errors.ts";
import { log } from "../../log.ts";
import { raiseAlert } from "../../notices/store.ts";
import { ring } from "../../rings/store.ts";
import { HOUR, SECOND } from "../../time.ts";
import { errandFor, SEND_LIMIT_SECONDS } from "./errand.ts";
import type { CommandRow, Sent } from "./kind.ts";
import { AFTERWARDS, KINDS } from "./kinds.ts";
import {
  findCommand,
  leaseCommand,
  leaseForgotten,
  noteUnanswered,
  settleCommand,
} from "./store.ts";

/** How long one sending may take, and so how long nobody else sends the same. */
const LEASE_SECONDS = SEND_LIMIT_SECONDS + 5;
/** How long whoever comes second waits for who came first. */
const WAIT_LIMIT = 20 * SECOND;
const WAIT_STEP = 100;
/** Gateways forget idempotency keys after a day: from then on sending again could do it twice. */
const KEYS_HOLD = 23 * HOUR;
const RETRY_MAX_SECONDS = 600;
const AT_ONCE = 5;

/**
 * Sends an open command and settles it. Where somebody else is sending it, waits for them. Answers the
 * command as it then stands; it is still open where the gateway did not answer twice.
 */
export async function sendCommand(id: string): Promise<CommandRow> {
  for (const isLast of [false, true]) {
    const command = await leaseCommand(id, LEASE_SECONDS);
    if (!command) return settledInTime(id);
    if (await sent(command, isLast ? undefined : 0)) break;
  }
  return existing(id);
}

/** Takes up what was asked and never settled: its process ended, or the gateway did not answer. */
export async function sendForgotten(): Promise<void> {
  const forgotten = await leaseForgotten(AT_ONCE, LEASE_SECONDS);
  await Promise.all(forgotten.map((command) => sent(command)));
}

/** Whether it is settled now, or there is no use in sending it again at once. */
async function sent(command: CommandRow, restSeconds?: number): Promise<boolean> {
  try {
    if (Date.now() - command.askedAt.getTime() > KEYS_HOLD) return await giveUp(command);
    const send = KINDS[command.kind as keyof typeof KINDS];
    const outcome = await send(await errandFor(command), command.plan);
    await settle(command, outcome);
    return true;
  } catch (error) {
    if (error instanceof AppError && !isTransient(error) && !mayBeDone(command, error)) {
      await settle(command, refusal(error));
      return true;
    }
    const asked = error instanceof AppError ? error.retryAfterSeconds : undefined;
    const rest = asked ?? restSeconds ?? Math.min(2 ** command.sends, RETRY_MAX_SECONDS);
    log().warn(
      { err: error, command: command.id, kind: command.kind },
      "a command was not answered",
    );
    await noteUnanswered(command.id, error instanceof Error ? error.message : String(error), rest);
    return rest > 0;
  }
}

/**
 * One that was sent before may be done already. A key that is refused by now says nothing of that, and
 * who is told that it was refused would ask for it a second time.
 */
function mayBeDone({ sends }: CommandRow, { refusesWhoAsks }: AppError): boolean {
  return refusesWhoAsks && sends > 1;
}

type Outcome = Parameters<typeof settleCommand>[2];

function settle(command: CommandRow, outcome: Outcome): Promise<boolean> {
  return db().transaction((tx) => settleIn(tx, command, outcome));
}

/**
 * Writes down what became of a command with all that follows from it, unless that was done before; and
 * rings what it touched, so that the truth is looked at even if nobody waits for it any more.
 */
async function settleIn(tx: Tx, command: CommandRow, outcome: Outcome): Promise<boolean> {
  if (!(await settleCommand(tx, command, outcome))) return false;
  await AFTERWARDS[command.kind as keyof typeof KINDS]?.(tx, command, outcome);
  // Object rows are locked last, as in every sync.
  await ring(tx, command, outcome.touched, { cause: "command", evenIfKnown: true });
  return true;
}

function refusal(error: AppError): Sent {
  return { status: "refused", sentence: error.message, answer: { code: error.code }, touched: [] };
}

/** Nobody can say any more whether it was done; whoever runs this must look. */
async function giveUp(command: CommandRow): Promise<true> {
  const { organizationId, object } = command;
  const where = organizationId ? "in the subscription itself" : "when its catalogue is read again";
  const sentence = `The payment company did not answer for a day. Whether it was done shows ${where}.`;
  await db().transaction(async (tx) => {
    const touched = touchedBy(command);
    if (!(await settleIn(tx, command, { status: "unknown", sentence, answer: {}, touched })))
      return;
    await raiseAlert(tx, {
      kind: "command_unanswered",
      subject: command.id,
      message: `${command.kind} for ${command.object} was never answered (${command.lastError ?? "no reason is known"}).`,
      href: organizationId
        ? `/admin/organizations/${organizationId}`
        : `/admin/plans/${object.replace("plan:", "")}`,
    });
  });
  return true;
}

function touchedBy({ object }: CommandRow): Sent["touched"] {
  const [type, ref] = object.split(":", 2);
  const isKnown =
    type === "subscription" || type === "invoice" || type === "customer" || type === "payment";
  return ref && isKnown ? [{ type, ref }] : [];
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
