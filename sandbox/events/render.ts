import { isJsonObject, type Json } from "../protocol/json.ts";
import { jsonOf } from "../protocol/json-of.ts";
import { olderPrevious, olderShape } from "../protocol/older/shape.ts";
import { cut } from "../protocol/render.ts";
import { isOlder } from "../protocol/version.ts";
import type { SandboxEvent } from "../state/kinds.ts";
import type { World } from "../state/world.ts";

/** An event as an endpoint of a version is told of it. */
export function renderEvent(world: World, event: SandboxEvent, version: string): Json {
  const json = cut(jsonOf(event));
  if (!isJsonObject(json) || !isJsonObject(json.data)) return json;
  if (!isOlder(version)) return json;
  const { object = null, previous_attributes: previous } = json.data;
  const older = olderShape(world, object);
  const data = {
    object: older,
    ...(previous === undefined
      ? {}
      : { previous_attributes: olderPrevious(world, previous, older) }),
  };
  return { ...json, api_version: version, data };
}
