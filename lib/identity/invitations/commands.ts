import { z } from "zod";
import { db, type Tx } from "#db/client.ts";
import type { Administrator, ApiClient, Member, Origin, SignedIn } from "#lib/actor.ts";
import { addressKey } from "#lib/address-key.ts";
import { recordDeed } from "#lib/audit/store.ts";
import { AppError } from "#lib/errors.ts";
import { checked, id, line, refusedField } from "#lib/input.ts";
import { requireOwner, requireStillOwner } from "../authority.ts";
import { email, requireGoodPassword, role, typedPassword } from "../fields.ts";
import { countTry } from "../limits.ts";
import { mailLink, requireMailKeys } from "../mail.ts";
import { hashPassword } from "../passwords.ts";
import { themselves } from "../people/commands.ts";
import {
  changeUser,
  endSessions,
  insertUser,
  lockAdministrators,
  lockUser,
  startSession,
  type User,
  userByEmail,
} from "../people/store.ts";
import { withinSeats } from "../seats/store.ts";
import { lockMembers, type Organization, roleOf, setMember } from "../store.ts";
import {
  findInvitation,
  type Invitation,
  insertInvitation,
  revokeInvitationRow,
  takeInvitation,
} from "./store.ts";

const place = z.object({ organizationId: id.nullable(), invitationId: id });

type NewInvitation = {
  organizationId: string | null;
  organizationName: string;
  email: string;
  role: Invitation["role"];
};

/**
 * Mails somebody a link to join an organization in a role. Inviting again replaces the first link. An owner
 * invites as many as there are seats.
 */
export async function inviteMember(actor: Administrator | Member, input: unknown): Promise<void> {
  const wanted = checked(z.object({ organizationId: id, email, role }), input);
  requireOwner(actor, wanted.organizationId);
  await countTry("invitation_of_actor", actor.userId);
  await db().transaction(async (tx) => {
    const organization = await lockMembers(tx, wanted.organizationId);
    await requireStillOwner(tx, actor, organization.id);
    const user = await userByEmail(tx, wanted.email);
    if (user && (await roleOf(tx, organization.id, user.id))) {
      throw refusedField("email", "This person is a member already.");
    }
    await withinSeats(tx, actor, organization.id, () =>
      addInvitation(tx, actor, { ...wanted, organizationName: organization.name }),
    );
  });
}

/** Mails somebody a link to become a platform administrator. */
export async function inviteAdministrator(actor: Administrator, input: unknown): Promise<void> {
  const wanted = checked(z.object({ email }), input);
  await countTry("invitation_of_actor", actor.userId);
  await db().transaction(async (tx) => {
    const user = await userByEmail(tx, wanted.email);
    if (user?.administratorSince) {
      throw refusedField("email", "This person is an administrator already.");
    }
    await addInvitation(tx, actor, {
      organizationId: null,
      organizationName: "",
      email: wanted.email,
      role: "administrator",
    });
  });
}

/** Writes an invitation and its mail into a transaction whose actor was looked at already. */
export async function addInvitation(
  tx: Tx,
  actor: Administrator | Member | ApiClient,
  wanted: NewInvitation,
  now: Date = new Date(),
): Promise<void> {
  requireMailKeys();
  const { organizationId, organizationName, email, role } = wanted;
  const invitedBy = actor.kind === "api_client" ? null : actor.userId;
  const made = await insertInvitation(tx, { organizationId, email, role, invitedBy }, now);
  if (!made) throw new AppError("conflict", "This person was invited just now.");
  await mailLink(tx, {
    template: "invitation",
    to: email,
    path: `/invitation/${made.token}`,
    data: {
      organizationName,
      role,
      invitedBy: actor.label,
      expiresAt: made.invitation.expiresAt.toISOString(),
    },
  });
  await recordDeed(tx, actor, {
    action: "invitation.send",
    subject: made.invitation.id,
    organizationId,
    after: { email, role },
  });
}

/** Mails a new link for an invitation that was not accepted; the old link ends. */
export async function resendInvitation(
  actor: Administrator | Member,
  input: unknown,
): Promise<void> {
  const { organizationId, invitationId } = checked(place, input);
  requireInviter(actor, organizationId);
  await countTry("invitation_of_actor", actor.userId);
  await db().transaction(async (tx) => {
    const organizationName = await lockPlace(tx, actor, organizationId);
    const again = async () => {
      const old = await revokeInvitationRow(tx, invitationId, organizationId, new Date());
      if (!old) throw gone();
      const { email, role } = old;
      await addInvitation(tx, actor, { organizationId, organizationName, email, role });
    };
    // One that ran out has given its seat back, and takes one again.
    await (organizationId === null ? again() : withinSeats(tx, actor, organizationId, again));
  });
}

/** Ends an invitation's link. */
export async function revokeInvitation(
  actor: Administrator | Member,
  input: unknown,
): Promise<void> {
  const { organizationId, invitationId } = checked(place, input);
  requireInviter(actor, organizationId);
  await db().transaction(async (tx) => {
    await lockPlace(tx, actor, organizationId);
    const revoked = await revokeInvitationRow(tx, invitationId, organizationId, new Date());
    if (!revoked) throw gone();
    await recordDeed(tx, actor, {
      action: "invitation.revoke",
      subject: invitationId,
      organizationId,
      before: { email: revoked.email, role: revoked.role },
    });
  });
}

function requireInviter(actor: Administrator | Member, organizationId: string | null): void {
  if (organizationId !== null) requireOwner(actor, organizationId);
  else if (actor.kind !== "administrator") throw gone();
}

async function lockPlace(tx: Tx, actor: Administrator | Member, organizationId: string | null) {
  if (organizationId === null) return "";
  const organization = await lockMembers(tx, organizationId);
  await requireStillOwner(tx, actor, organizationId);
  return organization.name;
}

const newcomer = z.object({ name: line("your name"), password: typedPassword });

/**
 * Accepts a mailed invitation, once: as who is signed in, or else as a new person with the invited
 * address. A new person, and a new administrator, get a fresh session.
 */
export async function acceptInvitation(
  origin: Origin,
  signedIn: SignedIn | undefined,
  input: { token: string; name?: unknown; password?: unknown },
): Promise<{ sessionId: string | undefined; organizationSlug: string | undefined }> {
  await countTry("link_address", addressKey(origin.ip));
  const typed = signedIn ? undefined : checked(newcomer, input);
  const passwordHash = typed && (await hashPassword(typed.password));
  return db().transaction(async (tx) => {
    const now = new Date();
    const found =
      input.token.length <= 200 ? await findInvitation(tx, input.token, now) : undefined;
    // Before the invitation, as whoever invites and revokes does.
    const organization = found?.organizationId
      ? await lockMembers(tx, found.organizationId)
      : undefined;
    const invitation = found && (await takeInvitation(tx, input.token, now));
    if (!invitation) throw gone();
    if (typed) requireGoodPassword(typed.password, invitation.email);
    const user = signedIn
      ? await lockUser(tx, signedIn.userId)
      : await insertUser(tx, {
          email: invitation.email,
          name: typed?.name ?? "",
          passwordHash: passwordHash ?? "",
        });
    if (!user) {
      throw new AppError("conflict", "This address has an account already. Sign in to accept.");
    }
    if (user.emailUnprovenSince && user.email === invitation.email) {
      await changeUser(tx, user.id, { emailUnprovenSince: null });
    }
    const organizationSlug = await join(tx, invitation, organization, user);
    await recordDeed(tx, themselves(user, origin), {
      action: "invitation.accept",
      subject: invitation.id,
      organizationId: invitation.organizationId,
      after: { user: user.id, email: user.email, role: invitation.role },
    });
    const renew = !signedIn || invitation.organizationId === null;
    return {
      sessionId: renew ? await startSession(tx, user.id, origin) : undefined,
      organizationSlug,
    };
  });
}

/** Gives the role; an administrator's other sessions end, as they were opened with less authority. */
async function join(
  tx: Tx,
  { role }: Invitation,
  organization: Organization | undefined,
  user: User,
): Promise<string | undefined> {
  if (role === "administrator" || !organization) {
    await lockAdministrators(tx);
    await changeUser(tx, user.id, { administratorSince: user.administratorSince ?? new Date() });
    await endSessions(tx, user.id);
    return undefined;
  }
  const { id: organizationId } = organization;
  if (await roleOf(tx, organizationId, user.id)) {
    throw new AppError("conflict", `You belong to ${organization.name} already.`);
  }
  await setMember(tx, { organizationId, userId: user.id, role });
  return organization.slug;
}

function gone(): AppError {
  return new AppError("not_found", "This invitation was used, revoked, or has run out.");
}
