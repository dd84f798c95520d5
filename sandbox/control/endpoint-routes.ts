import { Hono } from "hono";
import { z } from "zod";
import type { Box } from "../box.ts";
import { makeEndpoint, rollSecret, secretsOf } from "../events/endpoints.ts";
import { missing } from "../protocol/errors.ts";
import { mustFind } from "../protocol/find.ts";
import { versionAsked } from "../protocol/version.ts";
import { checkEndpoint } from "../resources/webhook-endpoints.ts";
import { bodyOf } from "./body.ts";

const NOBODY = { id: null, idempotency_key: null };

const endpointBody = z.strictObject({
  url: z.string(),
  enabled_events: z.array(z.string()).min(1).default(["*"]),
  api_version: z.string().optional(),
  secret: z
    .string()
    .regex(/^whsec_\w{8,}$/)
    .optional(),
});
const rollBody = z.strictObject({ keepSeconds: z.number().int().min(0).default(86_400) });
const resendBody = z.strictObject({ endpoint: z.string().optional() });

/** Webhook endpoints and what was sent to them, for the control page. */
export function endpointRoutes({ world, courier }: Box): Hono {
  const app = new Hono();
  app.post("/endpoints", async (context) => {
    const given = await bodyOf(context, endpointBody);
    checkEndpoint(given);
    if (given.api_version !== undefined) versionAsked(given.api_version, "api_version");
    const endpoint = world.act(NOBODY, () =>
      makeEndpoint(world, {
        url: given.url,
        enabledEvents: given.enabled_events,
        apiVersion: given.api_version,
        secret: given.secret,
      }),
    );
    return context.json({ ...endpoint, secret: secretsOf(world, endpoint.id, 0)[0] });
  });
  app.delete("/endpoints/:id", (context) => {
    const id = context.req.param("id");
    world.act(NOBODY, () => {
      world.remove("webhook_endpoint", id);
      world.remove("endpoint_secret", id);
    });
    return context.json({ id, deleted: true });
  });
  app.post("/endpoints/:id/roll", async (context) => {
    const { keepSeconds } = await bodyOf(context, rollBody);
    const { id } = mustFind(world, "webhook_endpoint", context.req.param("id"));
    const now = Math.floor(Date.now() / 1_000);
    return context.json({
      id,
      secret: world.act(NOBODY, () => rollSecret(world, id, keepSeconds, now)),
    });
  });
  app.get("/deliveries", (context) => context.json(courier.log.all().toReversed()));
  app.post("/deliveries/:id/resend", (context) => {
    const id = context.req.param("id");
    const delivery = courier.log.get(id);
    if (!delivery) throw missing("delivery", id);
    return context.json(courier.resend(delivery.event, delivery.endpoint));
  });
  app.post("/events/:id/resend", async (context) => {
    const { endpoint } = await bodyOf(context, resendBody);
    const { id } = mustFind(world, "event", context.req.param("id"));
    return context.json(courier.resend(id, endpoint));
  });
  return app;
}
