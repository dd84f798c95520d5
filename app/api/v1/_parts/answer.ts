import { respond } from "#app/_server/respond.ts";
import { requireApiClient } from "#app/_server/session.ts";
import type { ApiClient } from "#lib/actor.ts";

/** Answers whoever has a platform API key; everybody else gets 401, whatever they ask for. */
export function answerClient(
  request: Request,
  answer: (actor: ApiClient) => Promise<unknown>,
): Promise<Response> {
  const work = async () => answer(await requireApiClient(request));
  return respond(request, work, { anyOrigin: true });
}

/** Answers methods that an address does not have, in the API's own form. */
export function only(...allowed: string[]): () => Response {
  const allow = allowed.join(", ");
  const message = `Use ${allowed.join(" or ")} here.`;
  return () =>
    Response.json(
      { error: { code: "method_not_allowed", message, fields: {} } },
      { status: 405, headers: { allow, "cache-control": "no-store" } },
    );
}
