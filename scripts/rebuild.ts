import { parseArgs } from "node:util";
import { disconnect } from "#db/client.ts";
import { AppError } from "#lib/errors.ts";
import { findGateway, gatewayNames } from "#lib/gateways/registry.ts";
import { giveUpRebuild, type Rebuilt, rebuild } from "#lib/inbox/rebuild.ts";

const HELP = `Empties what a gateway told and has the workers bring it back: from its API where there is a key, else from
the stored events. Nobody gets a mail, and no tier changes while records are missing.

  npm run rebuild -- --gateway ${gatewayNames.join("|")} --mode test|live

  --give-up   Ends the rebuild that is under way; what is not back yet is put back as it was

A worker must be running. Stopping this command stops nothing; called again, it goes on telling. Ends with 1
where something could not be derived again; that is as it was before, and is listed.
`;

const operator = {
  kind: "operator" as const,
  label: "command line",
  origin: { ip: null, userAgent: null },
};

/** For whoever mended a rule, or lost trust in the records. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      gateway: { type: "string" },
      mode: { type: "string" },
      "give-up": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { gateway, mode } = values;
  const isMode = mode === "test" || mode === "live";
  if (values.help || !gateway || !findGateway(gateway) || !isMode) {
    process.stdout.write(HELP);
    return values.help ? 0 : 2;
  }
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());
  let told = 0;
  const work = values["give-up"] ? giveUpRebuild : rebuild;
  const done = await work(
    operator,
    { gateway, mode },
    {
      signal: stop.signal,
      tell: ({ objects, answered }) => {
        if (Date.now() - told < 1_000) return;
        told = Date.now();
        process.stderr.write(`${answered} of ${objects} objects are answered …\n`);
      },
    },
  );
  if (done) return report(done);
  process.stderr.write("Workers go on with it. Call this again to see how far they are.\n");
  return 1;
}

function report({ objects, kept }: Rebuilt): number {
  process.stdout.write(`Rebuilt: ${objects} objects, ${kept.length} of them could not be.\n`);
  for (const { type, ref, because } of kept) process.stdout.write(`  ${type} ${ref}: ${because}\n`);
  if (kept.length > 0) process.stdout.write("Their records are as they were before.\n");
  return kept.length === 0 ? 0 : 1;
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
