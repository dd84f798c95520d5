import { headers } from "next/headers";
import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import type { Administrator, ApiClient, Member, Role, SignedIn } from "#lib/actor.ts";
import { apiClientOf } from "#lib/identity/api-keys/commands.ts";
import { touchSession } from "#lib/identity/people/store.ts";
import { type Identity, identityOf } from "#lib/identity/people/views.ts";
import { localPath } from "#lib/identity/rules.ts";
import { MINUTE } from "#lib/time.ts";
import { browserSessionId } from "./auth.ts";
import { originOf } from "./origin.ts";

/** Written by proxy.ts on every request that it sees, so that a client cannot. */
const PATH_HEADER = "x-billhook-path";
/** Reading pages stays reading: a session is not written at every look. */
const TOUCH_EVERY_MS = 10 * MINUTE;

/** Who is signed in, with what they belong to; for frames and for pages that are open to visitors too. */
export const currentUser = cache(async (): Promise<Identity | undefined> => {
  const sessionId = await browserSessionId();
  if (!sessionId) return undefined;
  const identity = await identityOf(sessionId);
  if (identity && Date.now() - identity.lastSeenAt.getTime() > TOUCH_EVERY_MS) {
    await touchSession(sessionId);
  }
  return identity;
});

/** Who signed in themselves: nobody whom a link of the product let into one portal. */
export async function currentPerson(): Promise<Identity | undefined> {
  const identity = await currentUser();
  return identity?.portalOf === null ? identity : undefined;
}

/** Somebody who signed in; anybody else goes to the sign-in page and comes back afterwards. */
export async function requireUser(): Promise<SignedIn> {
  const identity = await currentPerson();
  return identity ? asUser(identity) : toSignIn();
}

/** Whoever is signed in, in whatever way: for what ends with the session. */
export async function asUser(identity: Identity): Promise<SignedIn> {
  return { kind: "user", ...(await person(identity)) };
}

/** For everybody but administrators there is no such page. */
export async function requireAdministrator(): Promise<Administrator> {
  const identity = await requireIdentity();
  if (!identity.isAdministrator) notFound();
  return { kind: "administrator", ...(await person(identity)) };
}

/**
 * A member of this organization, named by id or slug, in one of these roles. For everybody else there
 * is no such page, administrators included: they have their own.
 */
export async function requireMember(
  organization: string,
  roles?: readonly Role[],
): Promise<Member> {
  return (await requireMembership(organization, roles)).actor;
}

/** The same, with how their organization is called in addresses. */
export async function requireMembership(
  organization: string,
  roles?: readonly Role[],
): Promise<{ actor: Member; slug: string }> {
  const identity = await requireIdentity();
  const found = identity.organizations.find(
    ({ id, slug }) => id === organization || slug === organization,
  );
  if (!found || (roles && !roles.includes(found.role))) notFound();
  const { id: organizationId, role, slug } = found;
  const actor: Member = { kind: "member", organizationId, role, ...(await person(identity)) };
  return { actor, slug };
}

/** The product that embeds Billhook, by its API key; throws `not_signed_in`. */
export function requireApiClient(request: Request): Promise<ApiClient> {
  return apiClientOf(request.headers.get("authorization"), originOf(request.headers));
}

/** Who asks, with the session that says so. */
export async function requireIdentity(): Promise<Identity> {
  return (await currentUser()) ?? toSignIn();
}

async function toSignIn(): Promise<never> {
  const from = localPath((await headers()).get(PATH_HEADER) ?? undefined);
  redirect(from ? `/sign-in?from=${encodeURIComponent(from)}` : "/sign-in");
}

async function person({ user }: Identity) {
  return { userId: user.id, label: user.email, origin: originOf(await headers()) };
}
