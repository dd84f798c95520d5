import { html } from "hono/html";
import type { Box } from "../box.ts";
import { nextDueAt } from "../clock/next-due.ts";
import type { Html } from "./document.ts";
import { action } from "./pieces.ts";
import { moment, money } from "./words.ts";

/** The clock, what waits for the bank, and the checkouts that are open. */
export function time({ world, origin }: Box): Html {
  const now = world.now(null);
  const next = nextDueAt(world, null);
  const clocks = world.all("test_helpers.test_clock");
  const local = new Date(now * 1_000).toISOString().slice(0, 16);
  return html`<section class="card stack" aria-labelledby="time">
      <h2 id="time">Time</h2>
      <p>It is <strong>${moment(now)}</strong>.
        ${next === undefined ? "Nothing is due." : `The next thing is due on ${moment(next)}.`}</p>
      <div class="row end">
        ${MOVES.map(([by, words]) => action("/_sandbox/do/advance", words, { by }, ""))}
        ${next === undefined ? "" : action("/_sandbox/do/advance", "To the next due thing", { by: "next" }, "primary")}
        <form class="inline" method="post" action="/_sandbox/do/advance">
          <div class="field">
            <label for="by">Up to (UTC)</label>
            <input id="by" name="by" type="datetime-local" min="${local}" value="${local}" required />
          </div>
          <button>Move time</button>
        </form>
      </div>
      ${
        clocks.length === 0
          ? ""
          : html`<details>
              <summary>${clocks.length} test clocks, moved by the API only</summary>
              <ul class="plain">
                ${clocks.map((clock) => html`<li><code>${clock.id}</code> ${moment(clock.frozen_time)} (${clock.status})</li>`)}
              </ul>
            </details>`
      }
      <p class="small muted">
        API: <code>${origin()}</code>, with any key that begins with <code>sk_test_</code>. Pay with
        4242 4242 4242 4242, any later date and any CVC.
      </p>
    </section>
    ${waiting(world)}`;
}

const MOVES = [
  ["day", "A day on"],
  ["week", "A week on"],
  ["month", "A month on"],
] as const;

function waiting(world: Box["world"]): Html {
  const intents = [...world.all("payment_intent"), ...world.all("setup_intent")].filter(
    ({ status }) => status === "requires_action",
  );
  const open = world
    .all("checkout.session")
    .filter(({ status }) => status === "open")
    .toReversed();
  if (intents.length === 0 && open.length === 0) return html``;
  return html`<section class="card stack" aria-labelledby="waiting">
    <h2 id="waiting">Waiting for somebody</h2>
    <ul class="plain">
      ${intents.map(
        (intent) =>
          html`<li class="row">
            <a href="/_pages/3ds/${intent.id}">3-D Secure</a>
            ${intent.object === "payment_intent" ? money(intent.amount, intent.currency) : "to save a card"}
            <code>${intent.id}</code>
          </li>`,
      )}
      ${open.slice(0, OPEN_MAX).map(
        (session) =>
          html`<li class="row">
            <a href="/_pages/checkout/${session.id}">Open checkout</a>
            ${session.amount_total === null ? session.mode : money(session.amount_total, session.currency ?? "usd")}
            <span class="muted">${session.customer_details?.email ?? ""}</span>
          </li>`,
      )}
    </ul>
  </section>`;
}

const OPEN_MAX = 10;
