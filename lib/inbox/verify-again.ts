import { sql } from "#db/client.ts";
import { secretsOf } from "#lib/settings/secrets.ts";
import type { GatewayName, SigningSecret } from "../gateways/gateway.ts";
import { gateway } from "../gateways/registry.ts";
import { log } from "../log.ts";
import type { Arrival } from "./event-rows.ts";
import type { Client } from "./event-statements.ts";
import { storeArrivals } from "./intake.ts";
import { MENDABLE } from "./receive.ts";
import { wakeWorkers } from "./wake.ts";

type Row = { id: string; received_at: Date; headers: Record<string, string>; body: Buffer };

const ROWS_AT_ONCE = 20;

/**
 * Judges kept refused requests by the secrets of now and the clock of their arrival, and stores those
 * that turn out genuine as if they arrived now, so that a wrong secret loses nothing. Answers how many.
 * Any number of these may run at once: each request becomes an event in one of them, together with
 * the mark that it did.
 */
export async function verifyAgain(name: GatewayName): Promise<number> {
  const secrets = await secretsOf(name, { fresh: true });
  let accepted = 0;
  let after: string | undefined = "";
  while (after !== undefined) {
    const page = await verifyPage(name, secrets, after);
    accepted += page.accepted;
    after = page.last;
  }
  if (accepted > 0) {
    wakeWorkers();
    log().info({ gateway: name, accepted }, "refused webhooks accepted after all");
  }
  return accepted;
}

async function verifyPage(name: GatewayName, secrets: readonly SigningSecret[], after: string) {
  return sql().begin(async (tx) => {
    const rows = await tx<Row[]>`
      select id, received_at, headers, body from refused_requests
      where gateway = ${name} and accepted_at is null and id > ${after} and body is not null
        and refusal in ${tx([...MENDABLE])}
      order by id limit ${ROWS_AT_ONCE}
      for update skip locked`;
    const proven = rows.flatMap((row) => {
      const arrival = prove(name, row, secrets);
      return arrival ? [{ row, arrival }] : [];
    });
    await accept(tx, proven);
    return { accepted: proven.length, last: rows.at(-1)?.id };
  });
}

async function accept(tx: Client, proven: readonly { row: Row; arrival: Arrival }[]) {
  if (proven.length === 0) return;
  const stored = await storeArrivals(
    tx,
    proven.map(({ arrival }) => arrival),
  );
  const marks = proven.map(({ row }, place) => ({ id: row.id, event_id: stored[place]?.eventId }));
  await tx`
    update refused_requests set accepted_at = now(), event_id = given.event_id
    from json_to_recordset(${JSON.stringify(marks)}::text::json) as given(id text, event_id text)
    where refused_requests.id = given.id`;
}

function prove(
  name: GatewayName,
  { headers, body, received_at }: Row,
  secrets: readonly SigningSecret[],
): Arrival | undefined {
  const verdict = gateway(name).verify({ gateway: name, headers, body }, secrets, received_at);
  if (verdict.kind === "refused") return undefined;
  const { mode, secretId, signedAt, event } = verdict;
  return { gateway: name, mode, secretId, signedAt, event, headers, body };
}
