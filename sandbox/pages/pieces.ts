import { html } from "hono/html";
import type { Html } from "./document.ts";
import { plain } from "./words.ts";

export type Field = {
  readonly name: string;
  readonly label: string;
  readonly value?: string | undefined;
  readonly error?: string | undefined;
  readonly hint?: string | undefined;
  readonly type?: "text" | "email" | "number" | "url";
  readonly inputmode?: "numeric" | "text" | "email" | "url";
  readonly autocomplete?: string;
  readonly placeholder?: string;
  readonly required?: boolean;
  /** Where two forms of a page have fields of one name. */
  readonly id?: string;
};

/** A labelled field; its hint and its error are read out with it. */
export function field(it: Field): Html {
  const id = it.id ?? it.name;
  const told = [it.hint ? `${id}-hint` : "", it.error ? `${id}-error` : ""].filter(Boolean);
  return html`<div class="field">
    <label for="${id}">${it.label}</label>
    <input
      id="${id}"
      name="${it.name}"
      type="${it.type ?? "text"}"
      value="${it.value ?? ""}"
      inputmode="${it.inputmode ?? "text"}"
      autocomplete="${it.autocomplete ?? "off"}"
      placeholder="${it.placeholder ?? ""}"
      ${flag("required", it.required)}
      ${attribute("aria-invalid", it.error && "true")}
      ${attribute("aria-describedby", told.join(" "))}
    />
    ${it.hint ? html`<p class="hint" id="${id}-hint">${it.hint}</p>` : ""}
    ${it.error ? html`<p class="error" id="${id}-error">${it.error}</p>` : ""}
  </div>`;
}

export type Tone = "good" | "warn" | "bad" | "info" | "";

/** Something said to the person. What went wrong is read out at once, and a keyboard goes on from there. */
export function notice(tone: Tone, body: Html | string): Html {
  if (tone === "bad") {
    return html`<div class="notice bad" role="alert" tabindex="-1" data-focus>${body}</div>`;
  }
  return html`<div class="notice ${tone}" role="status">${body}</div>`;
}

const TONES: Readonly<Record<string, Tone>> = {
  active: "good",
  paid: "good",
  succeeded: "good",
  complete: "good",
  won: "good",
  enabled: "good",
  delivered: "good",
  ready: "good",
  trialing: "info",
  open: "info",
  processing: "info",
  scheduled: "info",
  past_due: "warn",
  incomplete: "warn",
  requires_action: "warn",
  needs_response: "warn",
  under_review: "warn",
  warning_needs_response: "warn",
  warning_under_review: "warn",
  retrying: "warn",
  pending: "warn",
  held: "warn",
  unpaid: "bad",
  failed: "bad",
  lost: "bad",
  uncollectible: "bad",
  given_up: "bad",
  dropped: "bad",
};

/** A status in its colour and always in a word. */
export function badge(status: string, words = plain(status)): Html {
  return html`<span class="badge ${TONES[status] ?? ""}">${words}</span>`;
}

/** A form that is one button, for what needs no more than a click. */
export function action(
  to: string,
  words: string,
  hidden: Readonly<Record<string, string>> = {},
  kind = "small",
): Html {
  return html`<form class="inline" method="post" action="${to}">
    ${Object.entries(hidden).map(
      ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
    )}
    <button class="${kind}">${words}</button>
  </form>`;
}

/** An attribute, or none where there is nothing to say. */
export function attribute(name: string, value: string | undefined | false): Html | "" {
  return value ? html`${name}="${value}"` : "";
}

export function flag(
  name: "required" | "checked" | "selected",
  on: boolean | undefined,
): Html | "" {
  return on ? html`${name}` : "";
}
