import { redirect } from "next/navigation";
import { requireAdministrator } from "#app/_server/session.ts";

/** Documents say "Integrations" too: the same page. */
export default async function IntegrationPage({
  params,
}: {
  params: Promise<{ gateway: string }>;
}): Promise<never> {
  await requireAdministrator();
  redirect(`/admin/settings/gateways/${encodeURIComponent((await params).gateway)}`);
}
