import { expect, test } from "vitest";
import { textOf } from "#tests/support/source.ts";

// Measuring it would fail on a busy machine; what can be held is that nothing else ever compares.
test("case 23: time tells nothing about a wrong signature, since one constant comparison decides", () => {
  const source = textOf("lib/gateways/stripe/signature.ts").replaceAll(/\/\*\*.*?\*\//gs, "");

  expect(source.match(/timingSafeEqual\(expected, candidate\)/g)).toHaveLength(1);
  expect(source).not.toMatch(/\.equals\(|\.compare\(|expected\s*[!=]==?|[!=]==?\s*expected/);
  expect(source).not.toMatch(/\bbreak\b|return true|\.some\(|\.find\(/);
});
