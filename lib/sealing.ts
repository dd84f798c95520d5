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

/** What a link in a mail job is sealed for. */
export const LINK_IDENTITY = "mail.send:link";

/** Seals the path of a link that lets somebody in, for the job that mails it. */
export function sealLink(path: string): string {
  return seal(config().masterKeys, path, LINK_IDENTITY).toString("base64");
}

export function openLink(sealed: string): string {
  return unseal(config().masterKeys, Buffer.from(sealed, "base64"), LINK_IDENTITY);
}

/**
 * A sealed value under the newest master key; undefined where it is already. Opens it in either case,
 * and throws `not_configured` where no key does.
 */
export function resealed(sealed: Buffer, identity: string): Buffer | undefined {
  const keys = config().masterKeys;
  const plain = unseal(keys, sealed, identity);
  const [newest] = keys.keys();
  return keyNameOf(sealed) === newest ? undefined : seal(keys, plain, identity);
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
