import { ButtonLink } from "#app/_ui/button.tsx";
import { TONE_ICONS } from "#app/_ui/statuses.ts";
import { Time } from "#app/_ui/time.tsx";
import type { AlertRow } from "#lib/notices/views.ts";

/** What an administrator should look at, each with the place where it is mended. */
export function AlertList({ alerts }: { alerts: readonly AlertRow[] }) {
  const Icon = TONE_ICONS.amber;
  return (
    <ul className="grid gap-4">
      {alerts.map((alert) => (
        <li key={alert.id} className="flex items-start gap-3 text-sm">
          <Icon className="mt-0.5 size-4 shrink-0 text-amber" aria-hidden="true" />
          <div className="flex min-w-0 flex-1 flex-wrap items-start justify-between gap-x-6 gap-y-2">
            <div className="grid min-w-0 max-w-prose gap-0.5">
              <p className="font-medium wrap-anywhere">{alert.message}</p>
              <p className="text-xs text-muted">
                <Time at={alert.lastSeenAt} />
                {alert.count > 1 && (
                  <>
                    {" "}
                    · {alert.count} times since <Time at={alert.raisedAt} relative={false} />
                  </>
                )}
              </p>
            </div>
            {alert.href && (
              <ButtonLink href={alert.href} size="sm">
                Look at it
              </ButtonLink>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}
