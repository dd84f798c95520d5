import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escaped, FIELD_END, LINE_END, linesOf, NONE, storable } from "#lib/inbox/lines.ts";

describe("rows as lines", () => {
  test("end each field and each row with a mark, and tell nothing from empty", () => {
    const at = new Date("2026-11-22T01:02:03.004Z");

    const text = linesOf([
      ["gev_1", null, "", true],
      [7, at, "a\nb", false],
    ]);

    const [first, second] = text.split(LINE_END);
    expect(first?.split(FIELD_END)).toEqual(["gev_1", NONE, "", "true"]);
    expect(second?.split(FIELD_END)).toEqual(["7", "2026-11-22T01:02:03.004Z", "a\nb", "false"]);
  });

  test("hold no mark, NUL or half character in a text that was made storable", () => {
    expect(storable(`a${FIELD_END}b${LINE_END}c${NONE}d\0e\ud83d`)).toBe(
      "a\ufffdb\ufffdc\ufffdd\ufffde\ufffd",
    );
    expect(storable("sub_1 – 訂閱 😀\n")).toBe("sub_1 – 訂閱 😀\n");
  });
});

describe("a body as escaped text", () => {
  test("is itself where it is plain text of any language", () => {
    expect(escaped(Buffer.from('{"name":"Søren 訂閱"}'))).toBe('{"name":"Søren 訂閱"}');
  });

  test("comes back byte for byte, whatever the bytes are", () => {
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.string({ unit: "binary", maxLength: 200 }).map((text) => Buffer.from(text)),
      fc.constantFrom(Buffer.from("\\000\0\\\\"), Buffer.from([0x5c, 0xff, 0x00, 0x31])),
    );
    fc.assert(fc.property(any, (bytes) => unescaped(escaped(bytes)).equals(bytes)));
  });
});

/** As PostgreSQL's `decode(…, 'escape')` does it. */
function unescaped(text: string): Buffer {
  const bytes = Buffer.from(text).toString("latin1");
  const plain = bytes.replaceAll(/\\(?:\\|([0-3][0-7]{2}))/g, (_, digits?: string) =>
    digits === undefined ? "\\" : String.fromCharCode(Number.parseInt(digits, 8)),
  );
  return Buffer.from(plain, "latin1");
}
