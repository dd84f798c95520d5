import { hash, verify } from "@node-rs/argon2";
import { newToken } from "#lib/ids.ts";

/** OWASP's first choice for argon2id, which is this package's default algorithm. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export function hashPassword(password: string): Promise<string> {
  return hash(password.normalize("NFKC"), COST);
}

/**
 * Whether it is the password. Takes as long where there is none to compare with, so that the time
 * does not tell who has an account.
 */
export async function isPassword(
  password: string,
  kept: string | null | undefined,
): Promise<boolean> {
  decoy ??= hash(newToken(), COST);
  const matches = await verify(kept ?? (await decoy), password.normalize("NFKC"));
  return matches && kept != null;
}

let decoy: Promise<string> | undefined;
