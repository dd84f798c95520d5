const AGE_MAX_MS = 1_000;
/** How long somebody who could have the last known answer waits for a newer one. */
const PATIENCE_MS = 500;

type Slot<V> = {
  value?: { readonly it: V; readonly at: number };
  running?: Promise<V> | undefined;
  queued?: Promise<V> | undefined;
};

/**
 * A read that every request makes, kept for up to a second. However many callers ask at once, one
 * query runs at a time and at most one more waits behind it, so that a flood costs no more than that.
 * A read that fails or takes long answers with what was last known, if anything was, so that a full
 * pool does not shut the door; `fresh` callers always learn.
 */
export function remembered<V>(load: (key: string) => Promise<V>): {
  read(key: string, options?: { fresh?: boolean }): Promise<V>;
  forget(): void;
} {
  const slots = new Map<string, Slot<V>>();

  function start(key: string, slot: Slot<V>): Promise<V> {
    const running = load(key)
      .then((it) => {
        slot.value = { it, at: performance.now() };
        return it;
      })
      .finally(() => {
        if (slot.running === running) slot.running = undefined;
      });
    slot.running = running;
    return running;
  }

  /** An answer that was asked for after this moment. */
  function freshly(key: string, slot: Slot<V>): Promise<V> {
    if (!slot.running) return start(key, slot);
    slot.queued ??= slot.running
      .catch(() => undefined)
      .then(() => {
        slot.queued = undefined;
        return start(key, slot);
      });
    return slot.queued;
  }

  return {
    async read(key, options = {}) {
      const slot = slots.get(key) ?? {};
      slots.set(key, slot);
      if (options.fresh) return freshly(key, slot);
      const known = slot.value;
      if (known && performance.now() - known.at < AGE_MAX_MS) return known.it;
      const asked = slot.running ?? start(key, slot);
      return known ? soonOr(known.it, asked) : asked;
    },
    forget() {
      slots.clear();
    },
  };
}

async function soonOr<V>(known: V, asked: Promise<V>): Promise<V> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<V>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, known);
  });
  try {
    return await Promise.race([asked, late]);
  } catch {
    return known;
  } finally {
    clearTimeout(timer);
  }
}
