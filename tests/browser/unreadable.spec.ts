import { expect, test } from "@playwright/test";
import { ask } from "./asking.ts";
import { deployments } from "./deployments.ts";

/* What Next or next-auth cannot read, over plain HTTP: refused, and no fault of ours. */

const { url, apiKey } = deployments().seeded;
const organizations = `${url}/api/v1/organizations`;
const authorization = `Bearer ${apiKey}`;
const json = { authorization, origin: url, "content-type": "application/json" };

for (const address of [
  "/%",
  "/%ff",
  "/admin/webhooks/%ff",
  "/portal/%E0%A4%A/billing",
  "/reset-password/%ff",
  "/api/auth/%ff",
  "/api/v1/organizations/%ff/entitlements",
  "/admin/customers/%00",
  "/admin/organizations/%00",
  "/portal/acme/invoices/%00",
  "/portal/acme/change?to=%00",
  "/api/v1/organizations/%00",
]) {
  test(`an address that is no text is answered 400: ${address}`, async () => {
    expect((await ask(url + address, { headers: { authorization } })).status).toBe(400);
  });
}

test("a method that no page has is answered 405", async () => {
  for (const method of ["TRACE", "PURGE", "QUERY"]) {
    const { status } = await ask(`${organizations}/x`, { method, headers: { authorization } });

    expect(status, method).toBe(405);
  }
});

test("a body that is not what its header says is refused by every route of sign-in", async () => {
  for (const route of ["signin/credentials", "callback/credentials", "signout"]) {
    const asked = { method: "POST", headers: json, body: "email=a" };

    expect((await ask(`${url}/api/auth/${route}`, asked)).status, route).toBe(422);
  }
});

test("half a character is refused: it would be stored as another", async () => {
  for (const body of ['{"name":"\\ud800"}', '{"name":"A","reference":"\\udc00"}']) {
    expect((await ask(organizations, { method: "POST", headers: json, body })).status).toBe(422);
  }
});

test("an action that is not of this build is none", async () => {
  for (const id of ["0".repeat(42), "x", "__proto__", "a".repeat(5_000)]) {
    const headers = { origin: url, "next-action": id, "content-type": "text/plain" };
    const { status } = await ask(`${url}/sign-in`, { method: "POST", headers, body: "[]" });

    expect([400, 404, 409], id.slice(0, 50)).toContain(status);
  }
});

test("every answer forbids browsers to guess what it is", async () => {
  for (const address of ["/", "/icon.svg", "/api/health", "/api/webhooks/stripe", "/api/v1/x"]) {
    const answer = await fetch(url + address);

    expect(answer.headers.get("x-content-type-options"), address).toBe("nosniff");
  }
});
