import { StripeError } from "../protocol/errors.ts";
import type { Kind, Kinds, SandboxEvent } from "./kinds.ts";
import { createLinks, type Link } from "./links.ts";
import { type Random, seededRandom } from "./random.ts";

/** Who asked for a change, as events say it; null where time itself did. */
export type Cause = { readonly id: string | null; readonly idempotency_key: string | null };

/** Whose clock: a test clock's id, or null for the sandbox's own. */
export type ClockRef = string | null;

/**
 * All state of one sandbox. Objects are values: never change one that was put, put a changed copy.
 * Work is synchronous, so one call runs at a time and all of a call happens or nothing.
 */
export type World = {
  get<K extends Kind>(kind: K, id: string): Kinds[K] | undefined;
  /** All of a kind, oldest first. */
  all<K extends Kind>(kind: K): Kinds[K][];
  /** Those of a kind that name this customer or invoice, oldest first; all where none is given. */
  of<K extends Kind>(kind: K, link: Link, id: string | undefined): Kinds[K][];
  put<K extends Kind>(kind: K, object: Kinds[K]): Kinds[K];
  remove(kind: Kind, id: string): void;
  /** A new id of Stripe's form, such as `cus_` and 14 letters and digits. */
  newId(prefix: string, length?: number): string;
  random: Random;
  /** Seconds since 1970 by the sandbox's own clock or by a test clock. */
  now(clock: ClockRef): number;
  /** Sets a clock; only time that is moved by `clock/advance.ts` runs what becomes due. */
  setClock(clock: ClockRef, seconds: number): void;
  readonly cause: Cause;
  /** Another number after anything but an event was changed: what is due may be something else now. */
  readonly version: number;
  record(event: SandboxEvent): void;
  /** Does all of the work or, where it throws, none. An error that keeps its changes undoes nothing. */
  attempt<T>(work: () => T): T;
  /** Does the work, hands over what it made of it, and undoes everything. */
  rehearse<T>(work: () => T): T;
  /** Does the work on somebody's behalf and then publishes what happened, if it was not undone. */
  act<T>(cause: Cause, work: () => T): T;
  /** Called after each piece of work with the events that it recorded, in their order. */
  onEvents(listener: (events: readonly SandboxEvent[]) => void): void;
  snapshot(): Snapshot;
  restore(snapshot: Snapshot): void;
};

export type Snapshot = {
  readonly kinds: { readonly [K in Kind]?: readonly Kinds[K][] };
  readonly random: number;
  readonly offset: number;
};

export type WorldOptions = {
  /** Ids repeat with the seed. */
  readonly seed?: number;
  /** Milliseconds since 1970; the sandbox's own clock moves with it. */
  readonly realNow?: () => number;
};

const NOBODY: Cause = { id: null, idempotency_key: null };
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** An empty sandbox. */
export function createWorld({ seed, realNow = Date.now }: WorldOptions = {}): World {
  const kinds = new Map<Kind, Map<string, Kinds[Kind]>>();
  const random = seededRandom(seed ?? realNow());
  const links = createLinks();
  const listeners: ((events: readonly SandboxEvent[]) => void)[] = [];
  let undo: (() => void)[] = [];
  let recorded: SandboxEvent[] = [];
  let offset = 0;
  let depth = 0;
  let cause = NOBODY;
  let version = 0;

  function mapOf<K extends Kind>(kind: K): Map<string, Kinds[K]>;
  function mapOf(kind: Kind): Map<string, Kinds[Kind]> {
    let map = kinds.get(kind);
    if (!map) {
      map = new Map();
      kinds.set(kind, map);
    }
    return map;
  }

  function put<K extends Kind>(kind: K, object: Kinds[K]): Kinds[K] {
    const map = mapOf(kind);
    const before = map.get(object.id);
    if (kind !== "event") version += 1;
    Object.freeze(object);
    map.set(object.id, object);
    links.change(kind, before, object);
    undo.push(() => {
      links.change(kind, object, before);
      if (before) map.set(before.id, before);
      else map.delete(object.id);
    });
    return object;
  }

  function remove(kind: Kind, id: string): void {
    const map = mapOf(kind);
    const before = map.get(id);
    if (!before) return;
    version += 1;
    const order = [...map.entries()];
    map.delete(id);
    links.change(kind, before, undefined);
    undo.push(() => {
      links.change(kind, undefined, before);
      map.clear();
      for (const [key, value] of order) map.set(key, value);
    });
  }

  function rewind(toUndo: number, toRecorded: number): void {
    while (undo.length > toUndo) undo.pop()?.();
    recorded = recorded.slice(0, toRecorded);
  }

  function attempt<T>(work: () => T): T {
    const marks = [undo.length, recorded.length] as const;
    depth += 1;
    try {
      return work();
    } catch (error) {
      if (!(error instanceof StripeError && error.keepsChanges)) rewind(...marks);
      throw error;
    } finally {
      depth -= 1;
      if (depth === 0) undo = [];
    }
  }

  function rehearse<T>(work: () => T): T {
    const marks = [undo.length, recorded.length] as const;
    depth += 1;
    try {
      return work();
    } finally {
      depth -= 1;
      rewind(...marks);
    }
  }

  function act<T>(by: Cause, work: () => T): T {
    if (depth > 0) return attempt(work);
    cause = by;
    try {
      return attempt(work);
    } finally {
      cause = NOBODY;
      const events = recorded;
      recorded = [];
      if (events.length > 0) for (const listen of listeners) listen(events);
    }
  }

  function setClock(clock: ClockRef, seconds: number): void {
    if (clock === null) {
      const before = offset;
      offset = seconds - Math.floor(realNow() / 1_000);
      undo.push(() => {
        offset = before;
      });
      return;
    }
    const testClock = mapOf("test_helpers.test_clock").get(clock);
    if (testClock) put("test_helpers.test_clock", { ...testClock, frozen_time: seconds });
  }

  function now(clock: ClockRef): number {
    const testClock = clock === null ? undefined : mapOf("test_helpers.test_clock").get(clock);
    return testClock?.frozen_time ?? Math.floor(realNow() / 1_000) + offset;
  }

  return {
    get: (kind, id) => mapOf(kind).get(id),
    all: (kind) => [...mapOf(kind).values()],
    of: (kind, link, id) => {
      const map = mapOf(kind);
      if (id === undefined) return [...map.values()];
      return links.of(kind, link, id).flatMap((each) => map.get(each) ?? []);
    },
    put,
    remove,
    newId: (prefix, length = 24) => {
      let id = `${prefix}_`;
      for (let place = 0; place < length; place += 1) id += LETTERS[random.below(LETTERS.length)];
      return id;
    },
    random,
    now,
    setClock,
    get cause() {
      return cause;
    },
    get version() {
      return version;
    },
    record: (event) => {
      put("event", event);
      recorded.push(event);
    },
    attempt,
    rehearse,
    act,
    onEvents: (listener) => listeners.push(listener),
    snapshot: () => ({
      kinds: Object.fromEntries([...kinds].map(([kind, map]) => [kind, [...map.values()]])),
      random: random.state(),
      offset,
    }),
    restore: (snapshot) => {
      kinds.clear();
      links.clear();
      version += 1;
      for (const [kind, objects] of entriesOf(snapshot.kinds)) {
        const map = mapOf(kind);
        for (const object of objects) {
          map.set(object.id, object);
          links.change(kind, undefined, object);
        }
      }
      random.resume(snapshot.random);
      offset = snapshot.offset;
    },
  };
}

function entriesOf(kinds: Snapshot["kinds"]): [Kind, readonly Kinds[Kind][]][] {
  const names = Object.keys(kinds) as Kind[];
  return names.map((name) => [name, kinds[name] ?? []]);
}
