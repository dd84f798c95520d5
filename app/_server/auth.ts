import { cookies, headers } from "next/headers";
import type { AuthOptions } from "next-auth";
import { decode, encode } from "next-auth/jwt";
import credentials from "next-auth/providers/credentials";
import { config, reloadConfig } from "#lib/config.ts";
import { AppError } from "#lib/errors.ts";
import { signIn, signOut } from "#lib/identity/people/commands.ts";
import { SESSION_DAYS } from "#lib/identity/people/store.ts";
import { identityOf } from "#lib/identity/people/views.ts";
import { newToken } from "#lib/ids.ts";
import { log } from "#lib/log.ts";
import { originOf } from "./origin.ts";

const MAX_AGE_SECONDS = SESSION_DAYS * 24 * 60 * 60;

/** Signs this browser in: the cookie holds an encrypted token, and that nothing but the session's id. */
export async function openBrowserSession(sessionId: string): Promise<void> {
  const { name, options } = sessionCookie();
  const token = { sid: sessionId };
  const value = await encode({ token, secret: secret(), maxAge: MAX_AGE_SECONDS });
  (await cookies()).set(name, value, { ...options, maxAge: MAX_AGE_SECONDS });
}

export async function closeBrowserSession(): Promise<void> {
  const { name, options } = sessionCookie();
  (await cookies()).set(name, "", { ...options, maxAge: 0 });
}

/** The session id that this browser claims; whether it is still good, only the database knows. */
export async function browserSessionId(): Promise<string | undefined> {
  const value = (await cookies()).get(sessionCookie().name)?.value;
  if (!value) return undefined;
  const token = await decode({ token: value, secret: secret() }).catch(() => null);
  return typeof token?.sid === "string" ? token.sid : undefined;
}

/** next-auth's own door (`/api/auth/*`), which leads to the same commands as our pages. */
export function authOptions(): AuthOptions {
  tellPublicUrl();
  return {
    secret: secret(),
    useSecureCookies: isSecure(),
    cookies: { sessionToken: sessionCookie() },
    session: { strategy: "jwt", maxAge: MAX_AGE_SECONDS },
    pages: { signIn: "/sign-in", signOut: "/sign-in", error: "/sign-in" },
    providers: [
      credentials({
        credentials: { email: { type: "email" }, password: { type: "password" } },
        authorize: async (typed) => {
          try {
            const { sessionId } = await signIn(originOf(await headers()), typed);
            return { id: sessionId };
          } catch (error) {
            if (!(error instanceof AppError)) log().error({ err: error }, "sign-in failed");
            return null;
          }
        },
      }),
    ],
    callbacks: {
      jwt: async ({ token, user }) => ({ sid: user ? user.id : token.sid }),
      session: async ({ session, token }) => {
        const identity = await identityOf(String(token.sid));
        const { expires } = session;
        if (!identity) return { expires };
        return { expires, user: { name: identity.user.name, email: identity.user.email } };
      },
    },
    events: {
      signOut: async ({ token }) => {
        const identity = await identityOf(String(token?.sid));
        if (!identity) return;
        const { id: userId, email: label } = identity.user;
        const origin = originOf(await headers());
        await signOut({ kind: "user", userId, label, origin }, identity);
      },
    },
    logger: {
      error: (code) => log().warn({ code }, "next-auth refused a request"),
      warn: (code) => log().debug({ code }, "next-auth warned"),
      debug: () => {},
    },
  };
}

function sessionCookie() {
  const secure = isSecure();
  return {
    name: `${secure ? "__Host-" : ""}billhook.session`,
    options: { httpOnly: true, sameSite: "lax" as const, path: "/", secure },
  };
}

function isSecure(): boolean {
  return config().publicUrl?.startsWith("https:") ?? false;
}

/** next-auth reads its base address from the environment and from nowhere else. */
function tellPublicUrl(): void {
  const { publicUrl } = config();
  if (shared.billhookAuthUrl === (publicUrl ?? "")) return;
  reloadConfig(publicUrl ? { NEXTAUTH_URL: publicUrl } : { AUTH_TRUST_HOST: "true" });
  shared.billhookAuthUrl = publicUrl ?? "";
}

/** What session cookies are encrypted with. Only development may make one up, until it restarts. */
function secret(): string {
  const { authSecret, production } = config();
  if (authSecret) return authSecret;
  if (production) {
    throw new AppError(
      "not_configured",
      "NEXTAUTH_SECRET is not set, so nobody can sign in. Set it to a long random value " +
        "(make one with: openssl rand -base64 32) and start again.",
    );
  }
  shared.billhookAuthSecret ??= newToken();
  return shared.billhookAuthSecret;
}

/** Next bundles its own copies of modules; what must be one is shared through the global object. */
const shared = globalThis as { billhookAuthUrl?: string; billhookAuthSecret?: string };
