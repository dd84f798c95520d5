import { readJson } from "#app/_server/respond.ts";
import { answerClient, only } from "../_parts/answer.ts";
import { createdPortalSession } from "../_parts/portal-sessions.ts";

/** A link that lets a member of an organization into its portal, for the product to send them to. */
export async function POST(request: Request): Promise<Response> {
  return answerClient(request, async (actor) =>
    Response.json(await createdPortalSession(actor, await readJson(request)), {
      status: 201,
      headers: { "cache-control": "no-store" },
    }),
  );
}

const refuse = only("POST");

export { refuse as DELETE, refuse as GET, refuse as PATCH, refuse as PUT };
