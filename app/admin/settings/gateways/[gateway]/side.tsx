import { ModeBadge } from "#app/_ui/badge.tsx";
import { Empty } from "#app/_ui/empty.tsx";
import { Section } from "#app/_ui/section.tsx";
import type { GatewayPage, ModeView } from "#lib/settings/views.ts";
import { AddSecret } from "./add-secret.tsx";
import { ApiKey } from "./api-key.tsx";
import { GUIDES } from "./guides.ts";
import { Secret } from "./secret.tsx";

/** One mode of a gateway: what proves its deliveries, and how it is asked. */
export function Side({ page, side }: { page: GatewayPage; side: ModeView }) {
  const { mode, secrets } = side;
  const isUsed = (status: string) => status === "active" || status === "retiring";
  const working = secrets.filter(({ status }) => isUsed(status));
  const title = mode === "test" ? "Test mode" : "Live mode";
  return (
    <section aria-label={title} className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-6">
      <div className="flex flex-wrap items-center gap-2 border-b border-line pb-2">
        <h2 className="text-lg font-semibold tracking-tight">{title}</h2>
        <ModeBadge mode={mode} />
        {page.deploymentMode === mode && (
          <span className="text-sm text-muted">Organizations get their tiers from this one.</span>
        )}
      </div>
      <Section
        title={`Signing secrets, ${mode} mode`}
        description="Each active one proves deliveries, so that one can be rolled without a gap."
        actions={secrets.length > 0 && <AddSecret page={page} mode={mode} />}
        flush
      >
        {secrets.length === 0 ? (
          <Empty
            title={`No ${mode} secret yet`}
            action={<AddSecret page={page} mode={mode} first />}
          >
            {GUIDES[page.gateway]?.secretHint} Without one, {mode} deliveries are refused, and{" "}
            {page.title} tries again later.
          </Empty>
        ) : (
          <ul className="divide-y divide-line">
            {secrets.map((secret) => (
              <Secret
                key={secret.id}
                secret={secret}
                isLast={working.length === 1 && isUsed(secret.status)}
                mode={mode}
              />
            ))}
          </ul>
        )}
      </Section>
      <ApiKey page={page} side={side} />
    </section>
  );
}
