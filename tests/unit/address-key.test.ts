import { expect, test } from "vitest";
import { addressKey } from "#lib/address-key.ts";

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["0xC0000207", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", addressKey("2001:db8:1:2:ffff::1")],
  ["", "unknown"],
  [undefined, "unknown"],
  ["192.0.2.7, 198.51.100.1", "unknown"],
])("%s counts as %s", (ip, key) => {
  expect(addressKey(ip)).toBe(key);
});

test("neighbouring networks are not one address", () => {
  expect(addressKey("2001:db8:1:2::1")).not.toBe(addressKey("2001:db8:1:3::1"));
  expect(addressKey("192.0.2.7")).not.toBe(addressKey("192.0.2.8"));
});
