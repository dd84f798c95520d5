import { migrate } from "#db/migrate.ts";
import { config } from "#lib/config.ts";
import { AppError } from "#lib/errors.ts";
import { migrateJobs } from "#lib/jobs/migrate.ts";

/** Brings tables and job queues to this version, for deployments whose processes are `web` and `worker`. */
async function main(): Promise<void> {
  const url = config().directDatabaseUrl ?? config().databaseUrl;
  if (!url) throw new AppError("not_configured", "Set DATABASE_URL to the database to migrate.");
  await migrate(url);
  await migrateJobs(url);
  process.stdout.write("The database is up to date.\n");
}

await main().catch((error: unknown) => {
  if (!(error instanceof AppError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
