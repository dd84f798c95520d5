import { describe, expect, test } from "vitest";
import { isOwnOrigin, originOf } from "#app/_server/origin.ts";
import { securityHeaders } from "#app/_server/security-headers.ts";

const settings = { publicUrl: "https://billing.acme.com", trustProxy: false };
const local = { publicUrl: undefined, trustProxy: false };

describe("a change is ours", () => {
  test.each([
    [{ origin: "https://billing.acme.com", host: "127.0.0.1:3000" }, settings],
    [{ origin: "http://localhost:3000", host: "localhost:3000" }, settings],
    [{ origin: "http://localhost:3000", host: "localhost:3000" }, local],
    [{ origin: "http://acme.com", host: "acme.com:80" }, local],
    [
      { origin: "https://b.acme.com", host: "inner", "x-forwarded-host": "b.acme.com" },
      { ...local, trustProxy: true },
    ],
  ])("when its Origin is our address: %j", (headers, about) => {
    expect(isOwnOrigin(new Headers(headers), about)).toBe(true);
  });

  test.each([
    [{ host: "localhost:3000" }, "there is no Origin"],
    [{ origin: "null", host: "localhost:3000" }, "the Origin is null"],
    [{ origin: "https://evil.com", host: "localhost:3000" }, "another site sent it"],
    [{ origin: "https://x.billing.acme.com", host: "billing.acme.com" }, "a sub-domain sent it"],
    [{ origin: "http://localhost:3001", host: "localhost:3000" }, "another port sent it"],
    [
      { origin: "https://evil.com", host: "a.com", "x-forwarded-host": "evil.com" },
      "a header that nobody vouches for agrees",
    ],
    [{ origin: "https://localhost:3000.evil.com", host: "localhost:3000" }, "it begins like ours"],
    [{ origin: "file://localhost:3000", host: "localhost:3000" }, "it is no web page"],
  ])("but not when %j: %s", (headers: Record<string, string>, _why: string) => {
    expect(isOwnOrigin(new Headers(headers), settings)).toBe(false);
  });
});

test("the address of a request is what the nearest proxy says, not what a client wrote before it", () => {
  const headers = new Headers({ "x-forwarded-for": "10.6.6.6, 192.0.2.7", "user-agent": "x" });

  expect(originOf(headers)).toEqual({ ip: "192.0.2.7", userAgent: "x" });
});

test("scripts run by nonce only, and nobody may frame a page", () => {
  const headers = securityHeaders({ nonce: "n0", development: false, https: false });
  const policy = headers.get("content-security-policy") ?? "";

  expect(policy).toContain("script-src 'nonce-n0' 'strict-dynamic';");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|upgrade/);
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("referrer-policy")).toBe("same-origin");
});
