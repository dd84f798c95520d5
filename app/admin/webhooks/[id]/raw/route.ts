import { respond } from "#app/_server/respond.ts";
import { requireAdministrator } from "#app/_server/session.ts";
import { AppError } from "#lib/errors.ts";
import { findEventBody } from "#lib/inbox/event-views.ts";

/** The exact bytes that were signed, as a file. */
export function GET(request: Request, { params }: { params: Promise<{ id: string }> }) {
  return respond(request, async () => {
    const actor = await requireAdministrator();
    const event = await findEventBody(actor, (await params).id);
    if (!event) throw new AppError("not_found", "There is no such event.");
    const name = event.eventRef.replace(/[^\w.-]/g, "_").slice(0, 100) || "event";
    return new Response(new Uint8Array(event.body), {
      headers: {
        "content-type": "application/octet-stream",
        "content-disposition": `attachment; filename="${name}.json"`,
        "x-content-type-options": "nosniff",
        "cache-control": "private, no-store",
      },
    });
  });
}
