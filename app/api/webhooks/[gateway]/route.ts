import type { Answer } from "#lib/inbox/answer.ts";
import { BODY_BYTES_MAX, BODY_TIME_LIMIT_MS, tooLarge, tooSlow } from "#lib/inbox/answer.ts";
import { growing } from "#lib/inbox/read-body.ts";
import { receive, refuseUnread } from "#lib/inbox/receive.ts";
import { within } from "#lib/inbox/time-limit.ts";

export const dynamic = "force-dynamic";

/**
 * The webhook door for hosts where Next runs alone. Where server.ts runs, that answers first and a
 * good deal faster; both call the same function.
 */
async function handle(
  request: Request,
  context: { params: Promise<{ gateway: string }> },
): Promise<Response> {
  const { gateway } = await context.params;
  const head = { gateway, method: request.method, headers: Object.fromEntries(request.headers) };
  const unread = refuseUnread(head);
  if (unread) return say(unread);
  const body = await readBody(request);
  if (!Buffer.isBuffer(body)) return say(body);
  return say(await receive({ ...head, body, remoteAddress: undefined }));
}

export {
  handle as DELETE,
  handle as GET,
  handle as HEAD,
  handle as OPTIONS,
  handle as PATCH,
  handle as POST,
  handle as PUT,
};

async function readBody(request: Request): Promise<Buffer | Answer> {
  const reader = request.body?.getReader();
  if (!reader) return Buffer.alloc(0);
  const deadline = AbortSignal.timeout(BODY_TIME_LIMIT_MS);
  const collected = growing();
  try {
    for (;;) {
      const { done, value } = await within(deadline, reader.read());
      if (done) return collected.whole();
      if (collected.size() + value.length > BODY_BYTES_MAX) {
        void reader.cancel().catch(() => undefined);
        return tooLarge;
      }
      collected.add(value);
    }
  } catch {
    void reader.cancel().catch(() => undefined);
    return tooSlow;
  }
}

function say({ status, headers, body }: Answer): Response {
  return new Response(body, { status, headers });
}
