import { redirect } from "next/navigation";
import { requireIdentity, requireMember } from "#app/_server/session.ts";

/** What everybody of an organization looks for first: what it has. */
export default async function OrganizationPage({
  params,
}: {
  params: Promise<{ org: string }>;
}): Promise<never> {
  const { organizationId } = await requireMember((await params).org);
  const { organizations } = await requireIdentity();
  const slug = organizations.find(({ id }) => id === organizationId)?.slug;
  redirect(`/portal/${slug}/billing`);
}
