import { and, asc, eq, gt, isNotNull } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { gatewayConnections, signingSecrets } from "#db/schema/index.ts";
import { replaceSealedLink, sealedLinks } from "../jobs/sealed-store.ts";
import { LINK_IDENTITY } from "../sealing.ts";

/** Where sealed values are kept, for whoever seals them again. */
export type SealedPlace = {
  readonly table: string;
  /** What a row's value is sealed for. */
  readonly identityOf: (row: string) => string;
  /** The next rows after one, in order, locked against whoever would write them meanwhile. */
  readonly read: (tx: Tx, after: string, limit: number) => Promise<SealedRow[]>;
  readonly write: (tx: Tx, row: string, sealed: Buffer) => Promise<void>;
};

export type SealedRow = { readonly row: string; readonly sealed: Buffer };

/** Every place that holds sealed values. A new sealed column belongs here, or it is lost with its key. */
export const SEALED_PLACES: readonly SealedPlace[] = [
  {
    table: "signing_secrets",
    identityOf: (row) => `signing_secrets.secret:${row}`,
    read: async (tx, after, limit) => {
      const rows = await tx
        .select({ row: signingSecrets.id, sealed: signingSecrets.sealed })
        .from(signingSecrets)
        .where(and(isNotNull(signingSecrets.sealed), gt(signingSecrets.id, after)))
        .orderBy(asc(signingSecrets.id))
        .limit(limit)
        .for("no key update");
      return rows.flatMap(({ row, sealed }) => (sealed ? [{ row, sealed }] : []));
    },
    write: async (tx, row, sealed) => {
      await tx.update(signingSecrets).set({ sealed }).where(eq(signingSecrets.id, row));
    },
  },
  {
    table: "gateway_connections",
    identityOf: (row) => `gateway_connections.api_key:${row}`,
    read: async (tx, after, limit) => {
      const rows = await tx
        .select({ row: gatewayConnections.id, sealed: gatewayConnections.apiKeySealed })
        .from(gatewayConnections)
        .where(and(isNotNull(gatewayConnections.apiKeySealed), gt(gatewayConnections.id, after)))
        .orderBy(asc(gatewayConnections.id))
        .limit(limit)
        .for("no key update");
      return rows.flatMap(({ row, sealed }) => (sealed ? [{ row, sealed }] : []));
    },
    write: async (tx, row, apiKeySealed) => {
      await tx
        .update(gatewayConnections)
        .set({ apiKeySealed })
        .where(eq(gatewayConnections.id, row));
    },
  },
  {
    table: "pgboss.job",
    identityOf: () => LINK_IDENTITY,
    read: sealedLinks,
    write: replaceSealedLink,
  },
];

/** Runs one batch; what it wrote is there, whatever becomes of the next one. */
export function inBatch<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  return db().transaction(work);
}
