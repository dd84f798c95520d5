import { expect, test } from "vitest";
import { AppError } from "#lib/errors.ts";
import { html } from "#lib/notices/html.ts";
import { type Brand, render } from "#lib/notices/letter.ts";
import { messageOf, sourceOf, translated } from "#lib/notices/mail.ts";
import { letterOf } from "#lib/notices/templates.ts";

const brand: Brand = {
  productName: "Acme Billing",
  publicUrl: "https://billing.acme.test",
  supportEmail: "help@acme.test",
  accentColour: null,
};

const TEMPLATES = [
  "payment_failed",
  "payment_action_required",
  "subscription_canceled",
  "trial_ending",
  "card_expiring",
  "order_completed",
  "comp_given",
  "comp_ending",
  "invitation",
  "password_reset",
  "password_changed",
];

const HOSTILE = {
  organization: `<script>alert(1)</script>`,
  organizationName: `"><img src=x onerror=alert(1)>`,
  invoice: `INV-1\r\nBcc: thief@evil.test`,
  amount: "€29.00",
  name: `<b>Eve</b>`,
  invitedBy: `Eve\r\n\r\n<h1>`,
  role: "owner",
  plan: "<i>Pro</i>",
  product: "<i>Credits</i>",
  given: "<i>Business</i>",
  order: `ord_1"><script>`,
  ordersPath: "/portal/acme/orders",
  until: "2026-12-01T23:59:59.000Z",
  hostedUrl: `javascript:alert(1)`,
  link: `https://billing.acme.test/reset-password/abc`,
  billingPath: "/portal/acme/billing",
  expiresAt: "2026-12-01T10:00:00.000Z",
  trialEnd: "2026-12-01T10:00:00.000Z",
  endedAt: "2026-12-01T10:00:00.000Z",
  nextAttemptAt: "2026-12-03T10:00:00.000Z",
};

test("escapes everything that is put into HTML, and HTML itself not twice", () => {
  const inner = html`<b title="${`"quoted" & 'single'`}">${"<i>"}</b>`;

  const outer = html`<p>${inner}${[html`1`, html`2`]}${null}${3}</p>`;

  expect(outer.html).toBe(
    '<p><b title="&quot;quoted&quot; &amp; &#39;single&#39;">&lt;i&gt;</b>123</p>',
  );
});

test.each(TEMPLATES)("lets no name, number or address become markup in %s", (template) => {
  const mail = rendered(template, HOSTILE);

  expect(mail.subject).not.toMatch(/[\r\n]/);
  expect(mail.html).not.toMatch(/<script|<img|<b>|<i>|<h1>|javascript:/);
  expect(mail.text).not.toContain("javascript:");
  expect(mail.html).not.toContain("undefined");
  expect(mail.text).not.toContain("undefined");
});

test.each(TEMPLATES)("says something sensible in %s where nothing else is known", (template) => {
  const mail = rendered(template, { organization: "Acme", billingPath: "/portal/acme/billing" });

  expect(mail.subject.length).toBeGreaterThan(5);
  expect(mail.text.length).toBeGreaterThan(40);
});

test("keeps every header on its own line, whatever names hold", async () => {
  const mail = {
    ...rendered("payment_failed", HOSTILE),
    id: "ntc_1",
    to: ["owner@acme.test"],
    replyTo: null,
  };

  const source = (await sourceOf(messageOf(mail))).toString();

  const [headers = ""] = source.split("\r\n\r\n");
  expect(headers).toMatch(/^Subject: Payment failed for invoice INV-1 Bcc: thief@evil\.test$/m);
  expect(headers).not.toMatch(/^Bcc:/m);
  expect(headers).toMatch(/^To: owner@acme\.test$/m);
  expect(headers).toMatch(/^Auto-Submitted: auto-generated$/m);
  expect(source).toContain("text/plain");
  expect(source).toContain("text/html");
});

test.each([
  "owner@acme.test, thief@evil.test",
  "owner@acme.test\r\nBcc: thief@evil.test",
  "Owner <owner@acme.test>",
  "no address at all",
  `${"a".repeat(250)}@acme.test`,
])("refuses to send to %j", (address) => {
  const mail = { subject: "s", text: "t", html: "h", id: "x", to: [address], replyTo: null };

  expect(() => messageOf(mail)).toThrow(AppError);
});

test("tells amount, invoice, next attempt and where to pay after a failed payment", () => {
  const mail = rendered("payment_failed", {
    organization: "Acme",
    invoice: "INV-7",
    amount: "€29.00",
    nextAttemptAt: "2026-12-03T10:00:00.000Z",
    hostedUrl: "https://invoice.stripe.test/i/1?a=1&b=2",
    billingPath: "/portal/acme/billing",
  });

  expect(mail.subject).toBe("Payment failed for invoice INV-7");
  for (const part of [
    "€29.00",
    "3 December 2026",
    "https://invoice.stripe.test/i/1?a=1&b=2",
    "https://billing.acme.test/portal/acme/billing",
    "help@acme.test",
  ]) {
    expect(mail.text).toContain(part);
  }
  expect(mail.html).toContain('href="https://invoice.stripe.test/i/1?a=1&amp;b=2"');
});

test("promises no next attempt where the gateway plans none", () => {
  const mail = rendered("payment_failed", { organization: "Acme", invoice: "I", amount: "€1.00" });

  expect(mail.text).not.toContain("Next attempt");
  expect(mail.text).not.toContain("try again");
});

test("keeps a button readable on any colour, and takes no other style from settings", () => {
  const letter = {
    subject: "s",
    paragraphs: [],
    actions: [{ label: "Go", url: "https://a.test" }],
  };

  expect(render(letter, { ...brand, accentColour: "#ffee00" }).html).toContain("color:#000000");
  expect(render(letter, { ...brand, accentColour: "#102040" }).html).toContain("color:#ffffff");
  expect(render(letter, { ...brand, accentColour: "red;background:url(x)" }).html).not.toContain(
    "url(",
  );
});

test.each([
  [{ code: "ESOCKET", originalCode: "ECONNREFUSED" }, "gateway_unavailable"],
  [{ code: "EDNS" }, "gateway_unavailable"],
  [{ code: "ETIMEDOUT", timeoutType: "GREETING_TIMEOUT" }, "gateway_unavailable"],
  [
    { code: "EENVELOPE", command: "RCPT TO", responseCode: 451, permanent: false },
    "gateway_unavailable",
  ],
  [
    { code: "EENVELOPE", command: "RCPT TO", responseCode: 550, permanent: true },
    "gateway_refused",
  ],
  [
    { code: "EENVELOPE", command: "MAIL FROM", responseCode: 550, permanent: true },
    "not_configured",
  ],
  [{ code: "EAUTH", responseCode: 535, permanent: true }, "not_configured"],
  [{ code: "ETIMEDOUT", timeoutType: "SOCKET_TIMEOUT" }, undefined],
  [{ code: "ECONNECTION" }, undefined],
])("knows what the mail server's %j means for the mail", (fields, code) => {
  const error = translated(Object.assign(new Error("it failed"), fields));

  expect(error instanceof AppError ? error.code : undefined).toBe(code);
});

function rendered(template: string, data: Record<string, string>) {
  const letter = letterOf(template, data, brand);
  if (!letter) throw new Error(`No template ${template}`);
  return render(letter, brand);
}
