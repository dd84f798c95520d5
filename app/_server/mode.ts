import { cookies } from "next/headers";
import { config } from "#lib/config.ts";
import type { Mode } from "#lib/gateways/gateway.ts";

const COOKIE = "mode";
const YEAR_SECONDS = 31_536_000;

/** Whether this administrator looks at test or at live data; the deployment's own mode until they choose. */
export async function shownMode(): Promise<Mode> {
  return readMode((await cookies()).get(COOKIE)?.value) ?? config().mode;
}

export async function keepMode(mode: Mode): Promise<void> {
  (await cookies()).set(COOKIE, mode, {
    path: "/",
    maxAge: YEAR_SECONDS,
    sameSite: "lax",
    httpOnly: true,
  });
}

export function readMode(value: unknown): Mode | undefined {
  return value === "test" || value === "live" ? value : undefined;
}
