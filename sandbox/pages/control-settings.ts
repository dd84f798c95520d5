import { html } from "hono/html";
import type { Box } from "../box.ts";
import type { Faults } from "../control/faults.ts";
import { settingsOf } from "../control/settings.ts";
import type { Settings } from "../state/kinds.ts";
import type { Html } from "./document.ts";
import { action, field, flag } from "./pieces.ts";

/** What goes wrong on purpose, how failed renewals are tried, and all that there is, kept or forgotten. */
export function settingsSections({ world, faults }: Box): Html {
  return html`${faultForm(faults.now())} ${dunning(settingsOf(world))} ${state()}`;
}

function faultForm({ seed, deliveries, calls }: Faults): Html {
  const share = (name: string, label: string, value: number) =>
    field({ name, label: `${label} (%)`, value: String(value * 100), inputmode: "numeric" });
  const whole = (name: string, label: string, value: number, hint?: string) =>
    field({ name, label, value: String(value), inputmode: "numeric", hint });
  return html`<section class="card stack" aria-labelledby="faults">
    <h2 id="faults">Faults</h2>
    <form class="stack" method="post" action="/_sandbox/do/faults">
      <div class="columns">
        <fieldset class="stack">
          <legend>Deliveries</legend>
          ${share("duplicate", "Sent twice", deliveries.duplicate)}
          ${share("drop", "Never sent", deliveries.drop)}
          ${share("delay", "Sent late", deliveries.delay)}
          ${whole("delayMilliseconds", "How late (milliseconds)", deliveries.delayMilliseconds)}
          ${whole("reorder", "Shuffled, so many at a time", deliveries.reorder, "0 keeps the order.")}
          ${share("badSignature", "Signed wrong", deliveries.badSignature)}
        </fieldset>
        <fieldset class="stack">
          <legend>Calls of the API</legend>
          ${share("error", "Answered 500, nothing done", calls.error)}
          ${share("rateLimit", "Answered 429, nothing done", calls.rateLimit)}
          ${share("timeout", "Done and never answered", calls.timeout)}
          ${whole("timeoutMilliseconds", "Silent for (milliseconds)", calls.timeoutMilliseconds)}
          ${whole("seed", "Seed", seed, "The same seed draws the same faults again.")}
        </fieldset>
      </div>
      <div><button class="primary">Switch faults</button></div>
    </form>
    <div>${action("/_sandbox/do/no-faults", "No faults at all")}</div>
  </section>`;
}

const ENDS = [
  ["cancel", "Cancel the subscription"],
  ["unpaid", "Mark it unpaid"],
  ["past_due", "Leave it past due"],
] as const;

function dunning({ retryDays, afterRetries }: Settings): Html {
  return html`<section class="card stack" aria-labelledby="dunning">
    <h2 id="dunning">Failed renewals</h2>
    <form class="stack" method="post" action="/_sandbox/do/dunning">
      ${field({ name: "retryDays", label: "Tried again after (days)", value: retryDays.join(", "), hint: "Each is counted from the attempt before." })}
      <div class="field">
        <label for="afterRetries">After the last attempt</label>
        <select id="afterRetries" name="afterRetries">
          ${ENDS.map(
            ([value, words]) =>
              html`<option value="${value}" ${flag("selected", value === afterRetries)}>${words}</option>`,
          )}
        </select>
      </div>
      <div><button class="primary">Save</button></div>
    </form>
  </section>`;
}

function state(): Html {
  return html`<section class="card stack" aria-labelledby="state">
    <h2 id="state">All that there is</h2>
    <div class="columns">
      <div class="stack">
        <h3>Keep</h3>
        <p><a class="button" href="/_sandbox/api/snapshot" download="sandbox.json">Download a snapshot</a></p>
        <form class="stack" method="post" enctype="multipart/form-data" action="/_sandbox/do/restore">
          <div class="field">
            <label for="file">Snapshot to restore</label>
            <input id="file" name="file" type="file" accept="application/json,.json" required />
          </div>
          <div><button>Restore snapshot</button></div>
        </form>
      </div>
      <form class="stack" method="post" action="/_sandbox/do/reset">
        <h3>Forget</h3>
        <p>Customers, subscriptions, payments and events are lost, and time is now again.</p>
        <label class="choice plain">
          <input type="checkbox" name="everything" value="yes" />
          <span>Webhook endpoints and settings too</span>
        </label>
        <label class="choice plain">
          <input type="checkbox" name="sure" value="yes" required />
          <span>Yes, forget everything</span>
        </label>
        <div><button class="danger">Reset the sandbox</button></div>
      </form>
    </div>
  </section>`;
}
