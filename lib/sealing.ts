import { config } from "./config.ts";
import { hashToken } from "./ids.ts";
import { keyNameOf, seal, unseal } from "./seal.ts";

/** Where a sealed value lives: a copy in another row or column does not open. */
export type SealedColumn = "signing_secrets.secret" | "gateway_connections.api_key";

export function sealFor(column: SealedColumn, id: string, plain: string): Buffer {
  return seal(config().masterKeys, plain, `${column}:${id}`);
}

export function openFrom(column: SealedColumn, id: string, sealed: Buffer): string {
  return unseal(config().masterKeys, sealed, `${column}:${id}`);
}

/** Whether this process has the master key that it needs, without opening it. */
export function canOpen(sealed: Buffer): boolean {
  return config().masterKeys.has(keyNameOf(sealed));
}

/**
 * Recognises a secret that is entered twice. A plain hash is enough, because gateways make these
 * secrets of more random bits than anybody can try; and a hash under the master key would no longer
 * recognise them after the key is rotated.
 */
export function fingerprintOf(secret: string): string {
  return hashToken(`signing secret|${secret}`);
}

export function lastFourOf(secret: string): string {
  return secret.slice(-4);
}
