import { invalid, missing } from "./errors.ts";

export type Page<Item> = {
  object: "list";
  data: Item[];
  has_more: boolean;
  url: string;
};

type PageParams = {
  readonly limit?: number | undefined;
  readonly starting_after?: string | undefined;
  readonly ending_before?: string | undefined;
};

/** A page of a list that is given oldest first, newest first as Stripe lists; 10 unless `limit` says 1 to 100. */
export function pageOf<Item extends { id: string }>(
  url: string,
  oldestFirst: readonly Item[],
  { limit = 10, starting_after, ending_before }: PageParams,
): Page<Item> {
  if (limit < 1 || limit > 100) {
    throw invalid("Invalid integer: limit must be between 1 and 100.", {
      code: "parameter_invalid_integer",
      param: "limit",
    });
  }
  const all = oldestFirst.toReversed();
  if (ending_before !== undefined) {
    const end = placeOf(all, ending_before, "ending_before");
    const start = Math.max(0, end - limit);
    return { object: "list", data: all.slice(start, end), has_more: start > 0, url };
  }
  const start =
    starting_after === undefined ? 0 : placeOf(all, starting_after, "starting_after") + 1;
  const data = all.slice(start, start + limit);
  return { object: "list", data, has_more: start + limit < all.length, url };
}

function placeOf(all: readonly { id: string }[], id: string, param: string): number {
  const place = all.findIndex((item) => item.id === id);
  if (place < 0) throw missing("object in this list", id, param);
  return place;
}

/** A list inside an object, in the order given. */
export function embedded<Item>(url: string, data: Item[]): Page<Item> {
  return { object: "list", data, has_more: false, url };
}

type Range = {
  gt?: number | undefined;
  gte?: number | undefined;
  lt?: number | undefined;
  lte?: number | undefined;
};

/** Whether a moment is what a list's `created` asks for. */
export function isWithin(at: number, asked: number | Range | undefined): boolean {
  if (asked === undefined) return true;
  if (typeof asked === "number") return at === asked;
  const { gt, gte, lt, lte } = asked;
  return (
    (gt === undefined || at > gt) &&
    (gte === undefined || at >= gte) &&
    (lt === undefined || at < lt) &&
    (lte === undefined || at <= lte)
  );
}
