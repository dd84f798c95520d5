import { Button } from "#app/_ui/button.tsx";
import { Confirm } from "#app/_ui/confirm.tsx";
import { Section } from "#app/_ui/section.tsx";
import { TextLink } from "#app/_ui/text-link.tsx";
import { Time } from "#app/_ui/time.tsx";
import type { listConflicts } from "#lib/billing/customer-views.ts";
import { dismiss } from "./actions.ts";

type Conflict = Awaited<ReturnType<typeof listConflicts>>[number];

/** Claims on customers that belong to somebody else: the first link holds until a person says otherwise. */
export function Conflicts({ conflicts }: { conflicts: readonly Conflict[] }) {
  return (
    <Section
      title="Contradicting claims"
      description="Something named another organization than the one that a customer belongs to. Nothing was changed: the first link holds."
    >
      <ul className="grid gap-4">
        {conflicts.map((conflict) => (
          <li
            key={conflict.id}
            className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2 text-sm"
          >
            <div className="grid min-w-0 max-w-prose gap-0.5">
              <p className="wrap-anywhere">
                <TextLink href={`/admin/search?q=${encodeURIComponent(conflict.ref)}`}>
                  {conflict.ref}
                </TextLink>{" "}
                claims{" "}
                <TextLink href={`/admin/customers/${conflict.customer.id}`}>
                  {conflict.customer.ref}
                </TextLink>{" "}
                for{" "}
                <TextLink href={`/admin/organizations/${conflict.claimed.id}`}>
                  {conflict.claimed.name}
                </TextLink>
                ; it belongs to{" "}
                {conflict.customer.organizationId ? (
                  <TextLink href={`/admin/organizations/${conflict.customer.organizationId}`}>
                    {conflict.owner ?? "another organization"}
                  </TextLink>
                ) : (
                  "nobody any more"
                )}
                .
              </p>
              <p className="text-xs text-muted">
                <Time at={conflict.seenAt} />
              </p>
            </div>
            {!conflict.dismissedAt && (
              <Confirm
                tone="primary"
                trigger={<Button size="sm">Dismiss</Button>}
                title="Dismiss this claim?"
                confirmLabel="Dismiss"
                action={dismiss}
              >
                <p>
                  The customer stays with {conflict.owner ?? "its organization"}. To move it, unlink
                  it on its page first.
                </p>
                <input type="hidden" name="conflictId" value={conflict.id} />
              </Confirm>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}
