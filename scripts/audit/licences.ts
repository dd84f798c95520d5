/** A package as the lock file has it. */
export type LockedPackage = {
  readonly name: string;
  readonly version: string;
  readonly licence: string | undefined;
  /** Not shipped: it builds or tests. */
  readonly dev: boolean;
};

/** What may be in the product without a second thought. */
const ALLOWED = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "Unlicense",
]);

/** What was looked at and is fine as it is used: name, licence and why. */
const LOOKED_AT: readonly (readonly [name: RegExp, licence: string, why: string])[] = [
  [/^@img\/sharp-/, "LGPL-3.0-or-later", "libvips, linked as a library of its own; Next's option"],
  [/^lightningcss/, "MPL-2.0", "unchanged, compiles the stylesheet during the build"],
  [/^axe-core$|^@axe-core\//, "MPL-2.0", "unchanged, only in tests"],
  [/^caniuse-lite$/, "CC-BY-4.0", "data about browsers, only during the build"],
];

export type Judged = LockedPackage & {
  readonly verdict: "allowed" | "looked at" | "not allowed";
  readonly why: string;
};

/** Compares a package's licence with what is allowed; an expression of SPDX is read as it is meant. */
export function judge(locked: LockedPackage): Judged {
  const { name, licence } = locked;
  if (!licence) return { ...locked, verdict: "not allowed", why: "it names no licence" };
  if (permits(licence, (one) => ALLOWED.has(one)))
    return { ...locked, verdict: "allowed", why: "" };
  const looked = LOOKED_AT.filter(([pattern]) => pattern.test(name));
  const extra = new Set(looked.map(([, one]) => one));
  if (permits(licence, (one) => ALLOWED.has(one) || extra.has(one))) {
    return { ...locked, verdict: "looked at", why: looked[0]?.[2] ?? "" };
  }
  return { ...locked, verdict: "not allowed", why: `${licence} is on no list` };
}

/** `A AND (B OR C)`: AND binds closer than OR. */
export function permits(expression: string, isAllowed: (licence: string) => boolean): boolean {
  const words = expression.match(/\(|\)|[^\s()]+/g) ?? [];
  let at = 0;
  const either = (): boolean => {
    let found = both();
    while (words[at] === "OR") {
      at += 1;
      const other = both();
      found ||= other;
    }
    return found;
  };
  const both = (): boolean => {
    let found = one();
    while (words[at] === "AND") {
      at += 1;
      const other = one();
      found &&= other;
    }
    return found;
  };
  const one = (): boolean => {
    const word = words[at++];
    if (word !== "(") return word !== undefined && isAllowed(word);
    const inner = either();
    at += 1;
    return inner;
  };
  return either() && at === words.length;
}
