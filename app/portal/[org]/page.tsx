import { redirect } from "next/navigation";
import { requireIdentity, requireMember } from "#app/_server/session.ts";

/** The first page that the person's role may see. */
export default async function OrganizationPage({
  params,
}: {
  params: Promise<{ org: string }>;
}): Promise<never> {
  const { organizationId, role } = await requireMember((await params).org);
  const { organizations } = await requireIdentity();
  const slug = organizations.find(({ id }) => id === organizationId)?.slug;
  redirect(`/portal/${slug}/${role === "member" ? "members" : "billing"}`);
}
