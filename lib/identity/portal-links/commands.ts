import { z } from "zod";
import { db, type Tx } from "#db/client.ts";
import type { ApiClient, Origin, Role } from "#lib/actor.ts";
import { addressKey } from "#lib/address-key.ts";
import { recordDeed } from "#lib/audit/store.ts";
import { AppError } from "#lib/errors.ts";
import { absentWhenEmpty, checked, id, line, refusedField } from "#lib/input.ts";
import { email, role } from "../fields.ts";
import { closeInvitationOf } from "../invitations/store.ts";
import { countTry, forgiveTry } from "../limits.ts";
import { themselves } from "../people/commands.ts";
import { endSession, insertUser, lockUser, startSession } from "../people/store.ts";
import { nameOfEmail } from "../rules.ts";
import { lockMembers, setMember } from "../store.ts";
import { DEFAULT_PATH, pathInside } from "./rules.ts";
import { findPerson, holdKey, insertPortalLink, slugOf, takePortalLink } from "./store.ts";

const inside = z
  .string("Enter a path inside the portal.")
  .max(500, "Use 500 characters or fewer.")
  .transform((typed, context) => {
    const path = pathInside(typed);
    if (path) return path;
    const message = "Enter a path inside the organization's portal, such as /invoices.";
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });

const wantedLink = z.object({
  organizationId: id,
  memberId: absentWhenEmpty(id),
  userEmail: absentWhenEmpty(email),
  returnTo: absentWhenEmpty(inside),
  createMember: absentWhenEmpty(z.boolean("Send true or false.")),
  role: absentWhenEmpty(role),
  name: absentWhenEmpty(line("a name")),
});

type Wanted = z.output<typeof wantedLink>;

export type MadeLink = {
  readonly id: string;
  /** Shown once: only a hash of it is kept. */
  readonly token: string;
  readonly expiresAt: Date;
  readonly member: { readonly id: string; readonly email: string; readonly role: Role };
};

/**
 * A link that lets a member into their organization's portal, once and within five minutes. The product
 * vouches for who they are. Who is no member is made one only where that is asked for.
 */
export async function makePortalLink(
  actor: ApiClient,
  input: unknown,
  now: Date = new Date(),
): Promise<MadeLink> {
  const wanted = checked(wantedLink, input);
  if ((wanted.memberId === undefined) === (wanted.userEmail === undefined)) {
    throw refusedField("userEmail", "Name the person: by e-mail address, or by the member's id.");
  }
  await countTry("portal_link_of_key", actor.keyId);
  return db().transaction(async (tx) => {
    if (!(await holdKey(tx, actor.keyId))) {
      throw new AppError("not_signed_in", "This API key was revoked.");
    }
    const member = await memberFor(tx, actor, wanted);
    const { organizationId, returnTo: path = DEFAULT_PATH } = wanted;
    const link = { organizationId, userId: member.id, apiKeyId: actor.keyId, path };
    const made = await insertPortalLink(tx, link, now);
    await recordDeed(tx, actor, {
      action: "portal_link.create",
      subject: member.id,
      organizationId,
      after: { link: made.id, email: member.email, path, expiresAt: made.expiresAt },
    });
    return { ...made, member };
  });
}

async function memberFor(tx: Tx, actor: ApiClient, wanted: Wanted): Promise<MadeLink["member"]> {
  const { organizationId, memberId, userEmail } = wanted;
  const by = memberId !== undefined ? { userId: memberId } : { email: userEmail ?? "" };
  const known = await knownMember(tx, organizationId, by);
  if (known.member) return known.member;
  if (!wanted.createMember || !userEmail) {
    throw new AppError(
      "not_found",
      "This organization has no such member. Invite them, or send create_member with their user_email.",
    );
  }
  // Looked at again under the lock: somebody else may be making this very member.
  await lockMembers(tx, organizationId);
  const now = await knownMember(tx, organizationId, by);
  if (now.member) return now.member;
  const person = now.person ?? (await newPerson(tx, userEmail, wanted.name));
  const member = { id: person.id, email: person.email, role: wanted.role ?? "member" };
  await setMember(tx, { organizationId, userId: member.id, role: member.role });
  await closeInvitationOf(tx, { organizationId, email: userEmail }, new Date());
  await recordDeed(tx, actor, {
    action: "member.create",
    subject: member.id,
    organizationId,
    after: { email: member.email, role: member.role },
  });
  return member;
}

async function knownMember(
  tx: Tx,
  organizationId: string,
  by: { userId: string } | { email: string },
) {
  const person = await findPerson(tx, organizationId, by);
  if (person?.disabledAt) throw new AppError("not_allowed", "This person's account is disabled.");
  // Whoever chose somebody else's address must not be given what the product gives to that one.
  if (person?.emailUnprovenSince && "email" in by) throw unproven(by.email);
  const { id, email, role } = person ?? {};
  return { person, member: id && email && role ? { id, email, role } : undefined };
}

function unproven(address: string): AppError {
  return refusedField(
    "userEmail",
    `An account chose the address ${address} and never proved it. Whose it is chooses a password by "Forgot your password?" first; or name the member by id.`,
    "conflict",
  );
}

/** Without a password: whoever reads their mail can choose one by "Forgot your password?". */
async function newPerson(tx: Tx, address: string, name: string | undefined) {
  const about = { email: address, name: name ?? nameOfEmail(address).slice(0, 120) };
  const made = await insertUser(tx, { ...about, passwordHash: null });
  if (!made) throw new AppError("conflict", "This person was added just now. Ask again.");
  return made;
}

export type Entered = {
  /** Where to go, on this site. */
  readonly path: string;
  /** The new session of this browser; undefined where it keeps the one it has. */
  readonly sessionId: string | undefined;
};

/** Who is signed in here, by which session. */
type Present = {
  readonly sessionId: string;
  readonly user: { readonly id: string; readonly email: string };
  readonly portalOf: string | null;
};

/**
 * Uses a link up: opens a portal session of its own for this browser, and ends the one that was there.
 * Who is signed in as the same person with all that is theirs stays so.
 */
export async function enterPortal(
  origin: Origin,
  present: Present | undefined,
  input: unknown,
  now: Date = new Date(),
): Promise<Entered> {
  const { token } = checked(z.object({ token: z.string().min(1).max(200) }), input);
  const address = addressKey(origin.ip);
  await countTry("portal_link_address", address);
  const entered = await db().transaction(async (tx) => {
    const link = await takePortalLink(tx, token, now);
    const user = link && (await lockUser(tx, link.userId));
    // Thrown inside the transaction, which uses up nothing then.
    if (!link || !user || user.disabledAt) throw spent();
    const stays = present?.user.id === user.id && present.portalOf === null;
    if (present && !stays) await leave(tx, present, origin, user.id);
    const portal = { organizationId: link.organizationId, apiKeyId: link.apiKeyId };
    const sessionId = stays ? undefined : await startSession(tx, user.id, origin, now, portal);
    await recordDeed(tx, themselves(user, origin), {
      action: "portal_link.open",
      subject: link.id,
      organizationId: link.organizationId,
      after: { path: link.path, apiKey: link.apiKeyId, newSession: !stays },
    });
    return { sessionId, path: `/portal/${await slugOf(tx, link.organizationId)}/${link.path}` };
  });
  await forgiveTry("portal_link_address", address);
  return entered;
}

async function leave(
  tx: Tx,
  { sessionId, user }: Present,
  origin: Origin,
  to: string,
): Promise<void> {
  const hasEnded = await endSession(tx, user.id, sessionId);
  if (!hasEnded || user.id === to) return;
  const deed = { action: "user.sign_out", subject: user.id };
  await recordDeed(tx, themselves(user, origin), deed);
}

function spent(): AppError {
  return new AppError(
    "not_found",
    "This link was used, or is older than five minutes. Go back to where you came from and open it there again.",
  );
}
