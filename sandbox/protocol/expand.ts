import type { World } from "../state/world.ts";

/** The answer with what `expand` names put in the place of its id. */
export function expandAll(_world: World, answer: object, _paths: readonly string[]): object {
  return answer;
}
