import { db } from "#db/client.ts";
import { AppError } from "../errors.ts";
import type { Connection, GatewayName, Mode, SigningSecret } from "../gateways/gateway.ts";
import { enqueue } from "../jobs/boss.ts";
import { log } from "../log.ts";
import { fingerprintOf, lastFourOf, openFrom } from "../sealing.ts";
import { environmentOf, variables } from "./environment.ts";
import { remembered } from "./remembered.ts";
import {
  addVerified,
  type ConnectionRow,
  endPause,
  extendPause,
  findConnection,
  lockConnection,
  registerEnvironmentSecret,
  type SecretRow,
  secretRows,
  updateConnection,
} from "./store.ts";

/**
 * Every signing secret that verifies now, of both modes, the environment's included. Up to a second
 * old, so that a retired one stops within that; `fresh` asks the database. Throws where PostgreSQL is
 * away and nothing is known yet.
 */
export async function secretsOf(
  gateway: GatewayName,
  options: { fresh?: boolean } = {},
): Promise<SigningSecret[]> {
  return [...(await secrets.read(gateway, options))];
}

/** How to call the gateway in this mode; undefined means payload mode. The environment's key wins. */
export async function connectionOf(
  gateway: GatewayName,
  mode: Mode,
  options: { fresh?: boolean } = {},
): Promise<Connection | undefined> {
  return (await connections.read(`${gateway}/${mode}`, options)).connection;
}

/** Until when the gateway asked for silence; undefined when it may be called. */
export async function pausedUntil(gateway: GatewayName, mode: Mode): Promise<Date | undefined> {
  const { pausedUntil } = await connections.read(`${gateway}/${mode}`);
  return pausedUntil && pausedUntil.getTime() > Date.now() ? pausedUntil : undefined;
}

/** Stops all fetches of a connection for a while: one outage is not every object's own failure. */
export async function pauseConnection(
  gateway: GatewayName,
  mode: Mode,
  until: Date,
  because: string,
): Promise<void> {
  await extendPause(gateway, mode, until, because.slice(0, 500));
  connections.forget();
}

export async function resumeConnection(gateway: GatewayName, mode: Mode): Promise<void> {
  await endPause(gateway, mode);
  connections.forget();
}

/** Adds to the count of what each secret verified. Call it now and then, not for each request. */
export async function noteVerified(counts: ReadonlyMap<string, number>): Promise<void> {
  await addVerified(counts);
}

/** Makes this process ask again, after it changed a secret, a key or a pause. */
export function forgetSecrets(): void {
  secrets.forget();
  connections.forget();
}

const secrets = remembered(loadSecrets);
const connections = remembered(loadConnection);

async function loadSecrets(gateway: GatewayName): Promise<SigningSecret[]> {
  const given = environmentOf(gateway).signingSecret;
  const fingerprint = given && fingerprintOf(given.secret);
  const find = () => secretRows(gateway, fingerprint);
  const isGiven = (row: SecretRow) => row.fingerprint === fingerprint && row.mode === given?.mode;

  let rows = await find();
  if (given && fingerprint && !rows.some(isGiven)) {
    await registerEnvironmentSecret(gateway, given.mode, {
      label: variables.signingSecret,
      lastFour: lastFourOf(given.secret),
      fingerprint,
    });
    rows = await find();
  }
  const active = rows.filter((row) => row.isActive);
  const opened = active.flatMap((row) =>
    isGiven(row) && given ? [{ id: row.id, mode: row.mode, secret: given.secret }] : open(row),
  );
  const lost = active.find((row) => row.source === "stored");
  if (opened.length === 0 && lost) {
    throw new AppError("not_configured", "No signing secret can be opened with the master keys.");
  }
  return opened;
}

/** One that does not open is left out loudly: it must not silence the others. */
function open(row: SecretRow): SigningSecret[] {
  if (!row.sealed) return [];
  try {
    const secret = openFrom("signing_secrets.secret", row.id, row.sealed);
    return [{ id: row.id, mode: row.mode, secret }];
  } catch (error) {
    log().error({ secretId: row.id, mode: row.mode, err: error }, "signing secret does not open");
    return [];
  }
}

type Known = { connection: Connection | undefined; pausedUntil: Date | null };

async function loadConnection(key: string): Promise<Known> {
  const [gateway = "", which] = key.split("/");
  const mode: Mode = which === "live" ? "live" : "test";
  const given = environmentOf(gateway);
  const row = await findConnection(db(), gateway, mode);
  const fromHere = given.apiKey?.mode === mode ? given.apiKey.key : undefined;
  await noteEnvironmentKey(gateway, mode, row, fromHere);
  const apiKey =
    fromHere ??
    (row?.apiKeySealed
      ? openFrom("gateway_connections.api_key", row.id, row.apiKeySealed)
      : undefined);
  const apiBase = row?.apiBase ?? given.apiBase;
  return {
    connection: apiKey ? { gateway, mode, apiKey, apiBase } : undefined,
    pausedUntil: row?.pausedUntil ?? null,
  };
}

/**
 * A key that appears in the environment switches the mode from payloads to fetching, so everything
 * known must be fetched once. Its last four characters on the row, without a sealed key, say that
 * this was done.
 */
async function noteEnvironmentKey(
  gateway: GatewayName,
  mode: Mode,
  row: ConnectionRow | undefined,
  key: string | undefined,
): Promise<void> {
  const isNoted = (known: ConnectionRow | undefined) =>
    key === undefined || known?.apiKeySealed != null || known?.apiKeyLastFour === lastFourOf(key);
  if (key === undefined || isNoted(row)) return;
  await db().transaction(async (tx) => {
    const current = await lockConnection(tx, gateway, mode);
    if (isNoted(current)) return;
    await updateConnection(tx, current.id, {
      apiKeyLastFour: lastFourOf(key),
      apiKeySetAt: new Date(),
      apiKeySetBy: null,
      accountRef: null,
    });
    await enqueue(tx, "inbox.ring-all", { gateway, mode });
  });
}
