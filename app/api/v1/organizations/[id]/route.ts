import { answerClient, only } from "../../_parts/answer.ts";
import { shownOrganization } from "../../_parts/organizations.ts";

type Context = { params: Promise<{ id: string }> };

/** One organization, by our id or the product's own reference. */
export async function GET(request: Request, { params }: Context): Promise<Response> {
  return answerClient(request, async (actor) => shownOrganization(actor, (await params).id));
}

const refuse = only("GET");

export { refuse as DELETE, refuse as PATCH, refuse as POST, refuse as PUT };
