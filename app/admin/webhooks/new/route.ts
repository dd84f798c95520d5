import { readMode } from "#app/_server/mode.ts";
import { respond } from "#app/_server/respond.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { countNewEvents } from "#lib/inbox/views.ts";

/** How many events came since the newest that the log shows. */
export function GET(request: Request): Promise<Response> {
  return respond(request, async () => {
    const actor = await requireAdministrator();
    const query = new URL(request.url).searchParams;
    const mode = readMode(query.get("mode"));
    return { count: await countNewEvents(actor, { mode }, query.get("since") ?? "") };
  });
}
