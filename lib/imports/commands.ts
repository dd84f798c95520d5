import { z } from "zod";
import { db, type Tx } from "#db/client.ts";
import type { Administrator } from "../actor.ts";
import { recordDeed } from "../audit/store.ts";
import { config } from "../config.ts";
import { AppError } from "../errors.ts";
import { gateway as gatewayNamed } from "../gateways/registry.ts";
import { checked, id } from "../input.ts";
import { enqueue } from "../jobs/boss.ts";
import { connectionOf } from "../settings/secrets.ts";
import { countsOf, type Import, insertImport, lockOpenImport, setImport } from "./store.ts";

const wanted = z.object({
  gateway: z.string().min(1).max(32),
  mode: z.enum(["test", "live"], { error: "Choose test or live." }),
  makesOrganizations: z.boolean(),
});

/** Begins to import what a gateway has; one import at a time for each connection. */
export async function startImport(actor: Administrator, input: unknown): Promise<string> {
  const { gateway, mode, makesOrganizations } = checked(wanted, input);
  const { title } = gatewayNamed(gateway);
  if (makesOrganizations && mode !== config().mode) {
    throw new AppError(
      "invalid_input",
      `This deployment runs in ${config().mode} mode: ${mode} customers get no organizations of their own.`,
    );
  }
  if (!(await connectionOf(gateway, mode, { fresh: true }))) {
    throw new AppError(
      "conflict",
      `There is no API key to ask ${title} (${mode}) with. Add one under Settings › Gateways first.`,
    );
  }
  return db().transaction(async (tx) => {
    const row = { gateway, mode, makesOrganizations, askedBy: actor };
    const importId = await insertImport(tx, row);
    if (!importId) {
      throw new AppError("conflict", `An import from ${title} (${mode}) is under way already.`);
    }
    await recordDeed(tx, actor, {
      action: "import.start",
      subject: importId,
      after: { gateway, mode, makesOrganizations },
    });
    await enqueue(tx, "import.go-on", { importId });
    return importId;
  });
}

/** Holds an import between two of its steps. Pausing twice is no mistake. */
export async function pauseImport(actor: Administrator, input: unknown): Promise<void> {
  await change(actor, input, "import.pause", async (tx, open) => {
    if (open.pausedAt) return false;
    await setImport(tx, open, { pausedAt: new Date(), pausedBecause: null });
    return true;
  });
}

/** Lets an import go on, at once. */
export async function resumeImport(actor: Administrator, input: unknown): Promise<void> {
  await change(actor, input, "import.resume", async (tx, open) => {
    await setImport(tx, open, {
      pausedAt: null,
      pausedBecause: null,
      misses: 0,
      restarts: 0,
      waitsUntil: null,
      waitsBecause: null,
    });
    await enqueue(tx, "import.go-on", { importId: open.id });
    return true;
  });
}

/** Ends an import where it is. What it linked stays linked. */
export async function stopImport(actor: Administrator, input: unknown): Promise<void> {
  await change(actor, input, "import.stop", async (tx, open) => {
    const now = new Date();
    const counts = await countsOf(tx, open);
    await setImport(tx, open, { counts, stoppedAt: now, finishedAt: now });
    return true;
  });
}

async function change(
  actor: Administrator,
  input: unknown,
  action: string,
  work: (tx: Tx, open: Import) => Promise<boolean>,
): Promise<void> {
  const { importId } = checked(z.object({ importId: id }), input);
  await db().transaction(async (tx) => {
    const open = await lockOpenImport(tx, importId);
    if (!open) throw new AppError("conflict", "This import is over already.");
    if (await work(tx, open)) await recordDeed(tx, actor, { action, subject: importId });
  });
}
