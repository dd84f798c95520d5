import { AppError } from "#lib/errors.ts";
import type { PageRequest } from "#lib/keyset.ts";

/** What Next hands a page as its address's question marks and ampersands. */
export type SearchParams = Promise<Readonly<Record<string, string | string[] | undefined>>>;

/** The members of an address as a page uses them: one trimmed value each, empty ones left out. */
export type Address = Readonly<Record<string, string | undefined>>;

const VALUE_MAX = 300;

export async function readAddress(params: SearchParams): Promise<Address> {
  const read = Object.entries(await params).map(([name, value]) => {
    // Under the name of a prototype's member, Next puts that member before the text.
    const texts = [value].flat().filter((each) => typeof each === "string");
    const one = texts[0]?.replaceAll("\u0000", "").trim();
    return [name, one ? one.slice(0, VALUE_MAX) : undefined];
  });
  return Object.fromEntries(read);
}

/** The value where it is one of those that the page knows; anything else is as if it were not there. */
export function oneOf<T extends string>(value: string | undefined, known: readonly T[]) {
  return known.find((each) => each === value);
}

/** Midnight, UTC, of a day such as 2026-11-03, moved by some days; or of a whole instant. */
export function dayOf(value: string | undefined, addDays = 0): Date | undefined {
  if (!value || !/^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/.test(value)) return undefined;
  const day = new Date(value);
  if (Number.isNaN(day.getTime())) return undefined;
  if (!value.includes("T")) day.setUTCDate(day.getUTCDate() + addDays);
  // JavaScript and PostgreSQL write no others alike.
  return day.getUTCFullYear() >= 1 && day.getUTCFullYear() <= 9999 ? day : undefined;
}

/** An address on this site; what is empty is left out, so that equal lists have equal addresses. */
export function address(path: string, members: Address): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(members)) if (value) query.set(name, value);
  return query.size > 0 ? `${path}?${query}` : path;
}

/** Which page of a list the address asks for. */
export function pageRequest({ before, after, limit }: Address): PageRequest {
  return { before, after, ...(limit && { limit: Number(limit) }) };
}

/** The addresses of the pages beside this one. */
export function neighbours(
  path: string,
  members: Address,
  page: { newer: string | null; older: string | null },
) {
  const kept = { ...members, before: undefined, after: undefined };
  return {
    newer: page.newer && address(path, { ...kept, after: page.newer }),
    older: page.older && address(path, { ...kept, before: page.older }),
  };
}

/** Reads a list; an address that names no page of it becomes a sentence instead of a crash. */
export async function listed<T>(
  read: () => Promise<T>,
): Promise<{ list: T; problem?: undefined } | { list?: undefined; problem: string }> {
  try {
    return { list: await read() };
  } catch (error) {
    if (error instanceof AppError && error.code === "invalid_input") {
      return { problem: error.message };
    }
    throw error;
  }
}
