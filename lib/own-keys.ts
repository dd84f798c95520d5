import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { AppError } from "./errors.ts";

const form = z.object({ BILLHOOK_MASTER_KEYS: z.string(), NEXTAUTH_SECRET: z.string() });

/** Keys under the names that the environment gives them. */
export type OwnKeys = z.infer<typeof form>;

/**
 * The keys of a Billhook that brings its own database: made once, kept beside the data, readable by
 * nobody else. A deployment with a database of its own must bring keys of its own: kept on the same
 * disk they would protect nothing.
 */
export function ownKeys(dataDir: string): OwnKeys {
  mkdirSync(dataDir, { recursive: true });
  const file = path.join(dataDir, "keys.json");
  const made: OwnKeys = {
    BILLHOOK_MASTER_KEYS: `own:${randomBytes(32).toString("base64")}`,
    NEXTAUTH_SECRET: randomBytes(32).toString("base64"),
  };
  try {
    writeFileSync(file, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, flag: "wx" });
    return made;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  const parsed = form.safeParse(readJson(file));
  if (parsed.success) return parsed.data;
  throw new AppError(
    "not_configured",
    `${file} is damaged. Without it, what was sealed in ${dataDir} cannot be opened: restore it, or ` +
      "delete the folder to begin anew.",
  );
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
