import type { Tx } from "#db/client.ts";
import { auditEntries } from "#db/schema/index.ts";
import type { Actor } from "../actor.ts";
import { newId } from "../ids.ts";

/** What was done, in the words of the audit page. Never put a secret into `before` or `after`. */
export type Deed = {
  /** Dotted verb of the trade, such as `customer.link`. */
  action: string;
  /** What it was done to: an id, or a name where there is none. */
  subject: string;
  organizationId?: string | null;
  before?: unknown;
  after?: unknown;
  reason?: string | null;
};

/** Writes the deed into the transaction that does it: neither exists without the other. */
export async function recordDeed(tx: Tx, actor: Actor, deed: Deed): Promise<void> {
  await tx.insert(auditEntries).values({
    id: newId("aud"),
    actorKind:
      actor.kind === "api_client" ? "api_key" : actor.kind === "operator" ? "command_line" : "user",
    actorId:
      actor.kind === "api_client" ? actor.keyId : actor.kind === "operator" ? null : actor.userId,
    actorLabel: actor.label,
    action: deed.action,
    subject: deed.subject,
    organizationId: deed.organizationId ?? null,
    before: deed.before ?? null,
    after: deed.after ?? null,
    reason: deed.reason ?? null,
    ip: actor.origin.ip,
    userAgent: actor.origin.userAgent,
  });
}
