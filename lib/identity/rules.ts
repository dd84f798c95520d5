import { COMMON_PASSWORDS } from "./common-passwords.ts";

const EMAIL_MAX = 254;
const PASSWORD_MIN = 10;
const PASSWORD_MAX = 200;
const SLUG_MAX = 40;
const SLUGS_NUMBERED = 9;

/**
 * Letters, digits and the marks that mail systems agree on. Quoted local parts and letters beyond
 * ASCII are refused on purpose: parsers disagree about them, and a mail could reach a stranger.
 */
const EMAIL =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** The one form in which an address is kept and compared; undefined for what is not an address. */
export function emailOf(typed: string): string | undefined {
  const email = typed.trim().toLowerCase();
  // The typed form counts too: some capitals of other alphabets become plain ASCII letters.
  if (!/^[\x20-\x7e]+$/.test(typed.trim()) || email.length > EMAIL_MAX) return undefined;
  return EMAIL.test(email) && email.indexOf("@") <= 64 ? email : undefined;
}

/** Why a password may not be used, as a sentence for its field; undefined when it may. */
export function passwordProblem(password: string, email: string): string | undefined {
  const length = [...password].length;
  if (length < PASSWORD_MIN) return `Use at least ${PASSWORD_MIN} characters.`;
  if (length > PASSWORD_MAX) return `Use at most ${PASSWORD_MAX} characters.`;
  const plain = password.toLowerCase();
  const [localPart = ""] = email.toLowerCase().split("@");
  if (plain === email.toLowerCase() || plain === localPart) {
    return "Choose a password that is not your e-mail address.";
  }
  if (COMMON_PASSWORDS.has(plain) || new Set(plain).size < 4) {
    return "This password is too easy to guess. Choose another, such as four random words.";
  }
  return undefined;
}

/** The part of a URL that stands for an organization, made from its name. Others may have it already. */
export function slugOf(name: string): string {
  const slug = name
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, SLUG_MAX)
    .replace(/^-+|-+$/g, "");
  return slug || "organization";
}

/**
 * What an organization may be called in addresses, best first: `acme`, `acme-2` and so on; at last with
 * the end of its id, since thousands may have one name, or names of which no letter is left.
 */
export function slugsFor({ name, id }: { name: string; id: string }): string[] {
  const slug = slugOf(name);
  const numbered = Array.from({ length: SLUGS_NUMBERED - 1 }, (_, nth) => `${slug}-${nth + 2}`);
  return [slug, ...numbered, `${slug}-${id.slice(-8)}`, `${slug}-${id.slice(-16)}`];
}

/** Where to go after signing in: only a path of our own, never another site. */
export function localPath(from: string | undefined): string | undefined {
  if (!from || from.length > 2000 || !/^\/(?![/\\])[\x21-\x7e]*$/.test(from)) return undefined;
  if (from.includes("\\")) return undefined;
  return /^\/(sign-in|sign-out|api|setup)(\/|\?|$)/.test(from) ? undefined : from;
}

/** What to call somebody of whom only the address is known: `ana.ruiz@acme.com` is Ana Ruiz. */
export function nameOfEmail(email: string): string {
  const [localPart = ""] = email.split("@");
  const words = localPart.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(" ") || email;
}
