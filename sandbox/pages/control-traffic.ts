import { html } from "hono/html";
import type Stripe from "stripe";
import type { Box } from "../box.ts";
import type { LoggedCall } from "../control/request-log.ts";
import type { Delivery } from "../events/delivery-log.ts";
import { secretsOf } from "../events/endpoints.ts";
import type { World } from "../state/world.ts";
import type { Html } from "./document.ts";
import { action, badge, field } from "./pieces.ts";

/** So many of each list are shown, the newest first. */
const SHOWN_MAX = 50;

/** Endpoints, what was sent to them, and what the API was asked. */
export function trafficSections({ world, courier, calls }: Box): Html {
  const deliveries = courier.log.all().toReversed();
  const asked = calls.all().toReversed();
  return html`${endpoints(world)}
    <section class="stack" aria-labelledby="deliveries">
      <h2 id="deliveries">Deliveries</h2>
      ${deliveries.length === 0 ? html`<p class="muted">Nothing was sent yet.</p>` : ""}
      <div>${deliveries.slice(0, SHOWN_MAX).map(deliveryRow)}</div>
      ${more(deliveries.length)}
    </section>
    <section class="stack" aria-labelledby="requests">
      <h2 id="requests">Requests</h2>
      ${asked.length === 0 ? html`<p class="muted">Nobody has called yet.</p>` : ""}
      <div>${asked.slice(0, SHOWN_MAX).map(requestRow)}</div>
      ${more(asked.length)}
    </section>`;
}

function more(count: number): Html | "" {
  const hidden = count - SHOWN_MAX;
  return hidden > 0 ? html`<p class="muted small">${hidden} older ones are not shown.</p>` : "";
}

function endpoints(world: World): Html {
  const all = world.all("webhook_endpoint");
  return html`<section class="stack" aria-labelledby="endpoints">
    <h2 id="endpoints">Webhook endpoints</h2>
    ${all.map((endpoint) => endpointRow(world, endpoint))}
    <form class="card stack" method="post" action="/_sandbox/do/add-endpoint">
      <h3>Add an endpoint</h3>
      <div class="pair">
        ${field({ name: "url", label: "Address", type: "url", inputmode: "url", placeholder: "http://localhost:3000/api/webhooks/stripe", required: true })}
        ${field({ name: "events", label: "Events", value: "*", required: true })}
      </div>
      <div><button class="primary">Add endpoint</button></div>
    </form>
  </section>`;
}

function endpointRow(world: World, endpoint: Stripe.WebhookEndpoint): Html {
  const { id } = endpoint;
  const [secret = ""] = secretsOf(world, id, 0);
  return html`<article class="card stack" aria-label="${endpoint.url}">
    <div class="row apart">
      <strong>${endpoint.url}</strong>
      ${badge(endpoint.status)}
    </div>
    <dl class="facts small">
      <dt>Events</dt><dd>${endpoint.enabled_events.join(", ")}</dd>
      <dt>Version</dt><dd>${endpoint.api_version ?? "The sandbox's own"}</dd>
      <dt>Secret</dt><dd><code>${secret}</code></dd>
    </dl>
    <div class="row">
      ${action("/_sandbox/do/roll-secret", "Roll the secret", { endpoint: id })}
      ${action("/_sandbox/do/remove-endpoint", "Remove endpoint", { endpoint: id }, "small danger")}
    </div>
  </article>`;
}

function deliveryRow(delivery: Delivery): Html {
  const last = delivery.attempts.at(-1);
  return html`<details class="log">
    <summary>
      ${badge(delivery.state)} <span>${delivery.type}</span>
      <span class="muted">${last ? (last.status ?? "no answer") : ""}${delivery.isRepeat ? " · a repeat" : ""}</span>
    </summary>
    <div class="stack">
      <p class="small muted">To ${delivery.url}, <code>${delivery.event}</code></p>
      ${delivery.attempts.map(
        (attempt) =>
          html`<p class="small">
            ${new Date(attempt.at).toISOString()}: ${attempt.status ?? "no answer"} in
            ${attempt.milliseconds} ms${attempt.isForged ? ", signed wrong on purpose" : ""}.
            ${attempt.answer}
          </p>`,
      )}
      <pre tabindex="0" role="region" aria-label="Body of ${delivery.event}">${delivery.body}</pre>
      <div>${action("/_sandbox/do/resend", "Send again", { delivery: delivery.id })}</div>
    </div>
  </details>`;
}

function requestRow(call: LoggedCall): Html {
  const tone = call.status < 400 ? "succeeded" : "failed";
  return html`<details class="log">
    <summary>
      ${badge(tone, String(call.status))} <span>${call.method} ${call.address}</span>
      <span class="muted">${call.error ?? ""}</span>
    </summary>
    <div class="stack">
      <p class="small muted">
        ${new Date(call.at).toISOString()}, ${call.milliseconds} ms, <code>${call.id}</code>
        ${call.idempotencyKey ? html`with the key <code>${call.idempotencyKey}</code>` : ""}
      </p>
      <pre tabindex="0" role="region" aria-label="Parameters of ${call.id}">${readable(call)}</pre>
    </div>
  </details>`;
}

/** The parameters one by one, decoded. */
function readable({ query, params }: LoggedCall): string {
  const pairs = [...new URLSearchParams(query), ...new URLSearchParams(params)];
  return pairs.map(([name, value]) => `${name} = ${value}`).join("\n") || "Without parameters";
}
