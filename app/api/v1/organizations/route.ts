import { readJson } from "#app/_server/respond.ts";
import { answerClient, only } from "../_parts/answer.ts";
import { createdOrganization } from "../_parts/organizations.ts";

/** Makes an organization for the product that embeds Billhook. */
export async function POST(request: Request): Promise<Response> {
  return answerClient(request, async (actor) => {
    const { isNew, organization } = await createdOrganization(actor, await readJson(request));
    return Response.json(organization, {
      status: isNew ? 201 : 200,
      headers: {
        location: `/api/v1/organizations/${organization.id}`,
        "cache-control": "no-store",
      },
    });
  });
}

const refuse = only("POST");

export { refuse as DELETE, refuse as GET, refuse as PATCH, refuse as PUT };
