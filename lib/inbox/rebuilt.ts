import type { Tx } from "#db/client.ts";
import { putBack } from "../billing/aside-store.ts";
import type { Projection } from "../billing/project.ts";
import { didEventsRing, noteBack, takeAside } from "../rings/rebuild-store.ts";
import type { Look } from "./look.ts";
import type { ObjectRow } from "./objects.ts";

/** What a sync has to mind while its connection is rebuilt. */

/**
 * Lays the row that was taken away under the new one. What is derived replaces it whole; what lasts is
 * our own id, the moments that only we saw, and all of it where the gateway says nothing any more.
 * Answers whether there was one.
 */
export async function bringBack(tx: Tx, object: ObjectRow): Promise<boolean> {
  if (!object.rebuildId) return false;
  const row = await takeAside(tx, object.rebuildId, object.id);
  if (row !== undefined) await putBack(tx, object.type, row);
  return row !== undefined;
}

/** Notes that the object is answered, and whether its row was derived or is what it was before. */
export async function noteRebuilt(
  tx: Tx,
  object: ObjectRow,
  look: Look,
  projection: Projection | undefined,
  reason: string | null,
): Promise<void> {
  if (!object.rebuildId) return;
  const waits = projection?.outcome === "waiting" && object.type !== "customer";
  const isDerived = (look.kind === "snapshot" || look.kind === "gone") && !waits;
  const why = isByItself(look) ? BY_ITSELF : isDerived ? null : (reason ?? look.kind);
  await noteBack(tx, object.rebuildId, object, why);
}

const BY_ITSELF = "Its last fetch is all that is known of it.";

/** A subscription of which no event tells anything is taken from its own row; see provisional.ts. */
function isByItself(look: Look): boolean {
  if (look.kind !== "snapshot" || look.source === "fetch" || look.provisional) return false;
  const own = `${look.snapshot.kind}:${look.snapshot.ref}`;
  return (
    look.snapshot.kind === "subscription" && !look.payloads.some(({ object }) => object === own)
  );
}

const CAUSED_BY_REBUILD: ReadonlySet<string | null> = new Set(["rebuild", "related", "link"]);

/**
 * Whether nobody is to hear of what this sync finds: a rebuild alone asked for it. An event that came
 * meanwhile tells what would have been told without the rebuild too.
 */
export async function isMute(tx: Tx, object: ObjectRow): Promise<boolean> {
  const isRebuild = object.cause === "rebuild" || object.rebuildId !== null;
  if (!isRebuild || !CAUSED_BY_REBUILD.has(object.cause)) return false;
  return !(await didEventsRing(tx, object));
}
