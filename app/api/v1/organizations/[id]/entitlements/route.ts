import { answerClient, only } from "../../../_parts/answer.ts";
import { shownEntitlements } from "../../../_parts/organizations.ts";

type Context = { params: Promise<{ id: string }> };

/** The tier of an organization and what it allows, for the product to obey. */
export async function GET(request: Request, { params }: Context): Promise<Response> {
  return answerClient(request, async (actor) => shownEntitlements(actor, (await params).id));
}

const refuse = only("GET");

export { refuse as DELETE, refuse as PATCH, refuse as POST, refuse as PUT };
