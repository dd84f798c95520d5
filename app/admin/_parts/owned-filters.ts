import type { Filter } from "#app/_ui/filter-bar.tsx";
import { describeStatus } from "#app/_ui/statuses.ts";
import type { Administrator } from "#lib/actor.ts";
import { organizationCalled } from "#lib/billing/admin-views.ts";

/** Narrows a list to one status, in the words that its rows show. */
export function statusFilter(statuses: readonly string[], value: string | undefined): Filter {
  const options = statuses.map((status) => ({ value: status, label: describeStatus(status).word }));
  return { name: "status", label: "Status", options, value };
}

/** Narrows a list to what belongs to one organization. */
export function organizationFilter(value: string | undefined): Filter {
  return {
    kind: "text",
    name: "organization",
    label: "Organization",
    placeholder: "Name or id",
    value,
  };
}

/** Whose rows are asked for by a name or an id; where nobody is called so, nobody's. */
export async function organizationAsked(
  actor: Administrator,
  name: string | undefined,
): Promise<string | undefined> {
  if (!name) return undefined;
  return (await organizationCalled(actor, name))?.id ?? "nobody";
}
