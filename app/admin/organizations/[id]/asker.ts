import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { outcomeOf } from "#app/_server/asked.ts";
import { attemptForm, fieldsOf } from "#app/_server/attempt.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import type { FormState } from "#app/_ui/form-state.ts";
import type { Administrator } from "#lib/actor.ts";
import type { CommandRow } from "#lib/billing/asking/kind.ts";

/** An administrator, the form that they sent, and the page of the organization that it is about. */
export type Asked = {
  readonly actor: Administrator;
  readonly fields: Readonly<Record<string, string>>;
  readonly organizationId: string;
  readonly reason: string;
  readonly base: string;
};

/** Who sent a form about an organization. The commands look whether it is there. */
export async function askerOf(data: FormData): Promise<Asked> {
  const actor = await requireAdministrator();
  const fields = fieldsOf(data);
  const { organizationId = "", reason = "" } = fields;
  // Whatever is refused, the page below its reason shows things as they are now.
  revalidatePath("/admin/organizations", "layout");
  const base = `/admin/organizations/${encodeURIComponent(organizationId)}`;
  return { actor, fields, organizationId, reason, base };
}

/** Which subscription a form is about, as it was seen, and why. */
export function subjectIn({ organizationId, reason, fields }: Asked) {
  const { subscriptionId = "", revision = "" } = fields;
  return { organizationId, subscriptionId, revision, reason };
}

/** Asks a gateway, and goes to the organization's page, which says what became of it. */
export function told(
  data: FormData,
  ask: (asked: Asked) => Promise<CommandRow>,
): Promise<FormState> {
  return attemptForm(data, async () => {
    const asked = await askerOf(data);
    const command = await ask(asked);
    await outcomeOf(command);
    redirect(`${asked.base}?command=${command.id}`);
  });
}
