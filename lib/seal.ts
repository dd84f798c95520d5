import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { AppError } from "./errors.ts";

/** Key name to 32 bytes, newest first: the first seals, all of them open. */
export type MasterKeys = ReadonlyMap<string, Buffer>;

/** What a key may be called. */
export const KEY_NAME = /^[a-z0-9-]{1,32}$/;

const IV_LENGTH = 12;
const TAG_LENGTH = 16;

/**
 * Encrypts a secret for keeping. `identity` names the row and column that it belongs to, so that a
 * sealed value copied into another row does not open there.
 *
 * Form: `name length (1) | key name | iv (12) | tag (16) | AES-256-GCM ciphertext`.
 */
export function seal(keys: MasterKeys, plain: string, identity: string): Buffer {
  const newest = keys.entries().next().value;
  if (!newest)
    throw new AppError("not_configured", "No master key is set, so nothing can be sealed.");
  const [name, key] = newest;
  const iv = randomBytes(IV_LENGTH);
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  cipher.setAAD(Buffer.from(`${name}|${identity}`));
  const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  const label = Buffer.from(name);
  return Buffer.concat([Buffer.from([label.length]), label, iv, cipher.getAuthTag(), body]);
}

/** Decrypts what `seal` made for the same identity; throws `not_configured` when its key is gone. */
export function unseal(keys: MasterKeys, sealed: Buffer, identity: string): string {
  const labelEnd = 1 + (sealed[0] ?? 0);
  const name = sealed.subarray(1, labelEnd).toString();
  const key = keys.get(name);
  if (!key) {
    // What is no key's name may be anything, even a secret that was never sealed: it is not repeated.
    throw KEY_NAME.test(name)
      ? new AppError(
          "not_configured",
          `Master key "${name}" is needed and is not in the environment.`,
        )
      : damaged(identity);
  }
  const iv = sealed.subarray(labelEnd, labelEnd + IV_LENGTH);
  const tag = sealed.subarray(labelEnd + IV_LENGTH, labelEnd + IV_LENGTH + TAG_LENGTH);
  const body = sealed.subarray(labelEnd + IV_LENGTH + TAG_LENGTH);
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_LENGTH });
    decipher.setAAD(Buffer.from(`${name}|${identity}`));
    decipher.setAuthTag(tag);
    return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
  } catch (cause) {
    throw damaged(identity, cause);
  }
}

function damaged(identity: string, cause?: unknown): AppError {
  const sentence = `A sealed value (${identity}) does not open: it is damaged.`;
  return new AppError("not_configured", sentence, { cause });
}

/** The key a sealed value needs, for finding what a rotation has still to reseal. */
export function keyNameOf(sealed: Buffer): string {
  return sealed.subarray(1, 1 + (sealed[0] ?? 0)).toString();
}
