import { readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "./fixtures.ts";

/*
 * How much script the pages ship on which customers see and change what they pay. They show what they
 * show without any of it, so it may be little.
 */

/** More than an empty page of Next. */
const MORE_AT_MOST = 20 * 1_024;

/** What an empty page of Next 16.4 ships of its own, beside what is the same on every page. */
const OF_AN_EMPTY_PAGE = 3_515;

const DIST = path.resolve(import.meta.dirname, "../..", process.env.TEST_DIST_DIR ?? ".next");

for (const page of ["billing", "change", "invoices", "cancel"]) {
  test(`ships little script: ${page}`, async ({ as }) => {
    const owner = await as("owner");

    const html = await (await owner.request.get(`/portal/acme/${page}`)).text();

    const named = [...html.matchAll(/static\/chunks\/[^"'\\]+\.js/g)].map(([file]) => file);
    const shipped = [...new Set(named)].filter((file) => !everyPage().has(file));
    const bytes = shipped.reduce((sum, file) => sum + compressed(file), 0) - OF_AN_EMPTY_PAGE;
    expect(named.length).toBeGreaterThan(3);
    expect(bytes).toBeLessThanOrEqual(MORE_AT_MOST);
  });
}

/** What Next itself needs on every page, and what only old browsers load. */
function everyPage(): Set<string> {
  const manifest: { rootMainFiles: string[]; polyfillFiles: string[] } = JSON.parse(
    readFileSync(path.join(DIST, "build-manifest.json"), "utf8"),
  );
  return new Set([...manifest.rootMainFiles, ...manifest.polyfillFiles]);
}

function compressed(file: string): number {
  return gzipSync(readFileSync(path.join(DIST, decodeURIComponent(file)))).length;
}
