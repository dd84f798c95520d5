/** Where a link leads where nobody said. */
export const DEFAULT_PATH = "billing";

/** Folders, and perhaps a question mark with members: no dots, no colons, no backslashes. */
const INSIDE = /^\/?([a-z][a-z-]{0,40}(?:\/[\w-]{1,80}){0,2})(\?[\w.~=&%+-]{0,300})?$/;

/**
 * A path inside one organization's portal, without a slash at its beginning; undefined for anything
 * else. Whatever is put before it, it never leads out of there.
 */
export function pathInside(asked: string): string | undefined {
  const [, path, query = ""] = INSIDE.exec(asked) ?? [];
  return path && `${path}${query}`;
}
