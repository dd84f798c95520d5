import { disconnect } from "#db/client.ts";
import { AppError } from "#lib/errors.ts";
import { resealAll } from "#lib/settings/reseal-commands.ts";

const HELP = `Seals every stored secret again with the newest master key, the first of BILLHOOK_MASTER_KEYS.

  npm run reseal

Put the new key before the old ones and restart every process first. Ends with 1, and names the rows, where
no key opens a secret; then keep the older keys. It may be run again, and while Billhook runs.
`;

/** The step between putting a new master key first and taking the old one away. */
async function main(): Promise<number> {
  if (process.argv.length > 2) {
    process.stdout.write(HELP);
    return process.argv.includes("--help") ? 0 : 2;
  }
  const operator = {
    kind: "operator" as const,
    label: "command line",
    origin: { ip: null, userAgent: null },
  };
  const { key, tables } = await resealAll(operator);
  for (const { table, resealed, current, lost } of tables) {
    process.stdout.write(
      `${table}: ${resealed} sealed again with "${key}", ${current} had it already, ${lost.length} lost\n`,
    );
    for (const { row, reason } of lost) process.stderr.write(`  ${table} ${row}: ${reason}\n`);
  }
  const lost = tables.reduce((sum, table) => sum + table.lost.length, 0);
  if (lost === 0) {
    process.stdout.write(
      `Everything opens with "${key}". Where every process has it first, older keys may go.\n`,
    );
    return 0;
  }
  process.stderr.write(
    `${lost} could not be opened and stay as they are. Put their key back and run this again, or enter them anew.\n`,
  );
  return 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  await disconnect();
}
