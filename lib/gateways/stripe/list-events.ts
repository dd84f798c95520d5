import { AppError } from "#lib/errors.ts";
import type { Connection } from "../gateway.ts";
import type { EventEnvelope } from "../verdict.ts";
import { clientFor } from "./client.ts";
import { envelopeOf } from "./envelope.ts";
import { parseEvent } from "./event.ts";
import { failureOf } from "./failures.ts";

const PAGE_SIZE = 100;

/**
 * A page of the events that Stripe remembers, for 30 days: newest first. Rendered in another API
 * version than deliveries are, so only what an event is about is taken from it.
 */
export async function listEvents(
  { since, page }: { since: Date; page: string | undefined },
  connection: Connection,
  signal: AbortSignal,
): Promise<{ events: readonly EventEnvelope[]; next: string | undefined }> {
  try {
    const answer = await clientFor(connection, signal).events.list({
      created: { gte: Math.floor(since.getTime() / 1_000) },
      limit: PAGE_SIZE,
      ...(page === undefined ? {} : { starting_after: page }),
    });
    const events = answer.data.map((event) => {
      const read = parseEvent(Buffer.from(JSON.stringify(event)));
      if (!read) throw new AppError("gateway_unavailable", "Stripe listed what is no event.");
      return envelopeOf(read);
    });
    return { events, next: answer.has_more ? events.at(-1)?.eventRef : undefined };
  } catch (error) {
    throw failureOf(error);
  }
}
