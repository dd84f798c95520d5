import { describe, expect, test } from "vitest";
import { emailOf, localPath, nameOfEmail, passwordProblem, slugOf } from "#lib/identity/rules.ts";

describe("an e-mail address", () => {
  test.each([
    ["Ana.Ruiz+billing@Acme.COM", "ana.ruiz+billing@acme.com"],
    ["  ana@acme.com ", "ana@acme.com"],
    ["owner@localhost", "owner@localhost"],
  ])("is kept in one form: %j", (typed, kept) => {
    expect(emailOf(typed)).toBe(kept);
  });

  test.each([
    ['"e@attacker.com"@victim.com', "a quoted local part"],
    ["ana@acme.com\r\nBcc: eve@evil.com", "a line break"],
    ["ana\u0000@acme.com", "a NUL"],
    ["аna@acme.com", "a Cyrillic letter"],
    ["\u212Aana@acme.com", "a capital that becomes an ASCII letter"],
    [`${"a".repeat(65)}@acme.com`, "a local part of 65 characters"],
    [
      `ana@${"a".repeat(60)}.${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(60)}.${"e".repeat(60)}`,
      "320 characters",
    ],
    ["ana@evil.com,bob@acme.com", "two addresses"],
    ["ana@@acme.com", "two signs"],
    [".ana@acme.com", "a leading dot"],
    ["ana@-acme.com", "a domain that begins with a hyphen"],
    ["ana <ana@acme.com>", "a display name"],
    ["", "nothing"],
  ])("case 74: is refused where mail could go elsewhere: %j (%s)", (typed) => {
    expect(emailOf(typed)).toBeUndefined();
  });
});

describe("a password", () => {
  test("of four random words is fine", () => {
    expect(passwordProblem("horse lamp river quilt", "ana@acme.com")).toBeUndefined();
  });

  test.each([
    ["short 1", "nine characters or fewer"],
    ["𝕒𝕓𝕔𝕕𝕖𝕗", "ten units that are six characters"],
    ["Ana.Ruiz@acme.com", "the e-mail address"],
    ["ana.ruiz@ac", "not long, but the start of it", "fine"],
    ["PASSWORD123", "what everybody chooses"],
    ["aaaaaaaaaaaaab", "two different characters"],
    ["x".repeat(100).concat("yz12").repeat(2), "more than 200 characters"],
  ])("is refused: %j (%s)", (password, _why, fine?: string) => {
    const problem = passwordProblem(password, "ana.ruiz@acme.com");

    expect(problem === undefined).toBe(fine === "fine");
  });
});

describe("a slug", () => {
  test.each([
    ["Acme GmbH & Co.", "acme-gmbh-co"],
    ["Société Générale", "societe-generale"],
    ["日本", "organization"],
    ["--- x ---", "x"],
  ])("is made from the name %j", (name, slug) => {
    expect(slugOf(name)).toBe(slug);
  });

  test("is never longer than 40 characters and never ends in a hyphen", () => {
    expect(slugOf(`${"a".repeat(39)} bcd`)).toBe("a".repeat(39));
  });
});

describe("the page to return to after signing in", () => {
  test.each(["/portal/acme/billing?tab=1", "/admin", "/invitation/abc"])("may be %s", (path) => {
    expect(localPath(path)).toBe(path);
  });

  test.each([
    "//evil.com",
    "/\\evil.com",
    "https://evil.com",
    "/a\\b",
    "/x\r\ny",
    "javascript:alert(1)",
    "/sign-in",
    "/api/auth/signout",
    "",
    undefined,
  ])("is never %j", (path) => {
    expect(localPath(path)).toBeUndefined();
  });
});

test("somebody without a name is called by their address", () => {
  expect(nameOfEmail("ana.ruiz@acme.com")).toBe("Ana Ruiz");
});
