"use client";

import { ArrowUp } from "lucide-react";
import { useRouter } from "next/navigation";
import { useEffect, useState, useTransition } from "react";
import { counted } from "#lib/counted.ts";
import { buttonClass } from "./button.tsx";

const POLL_MS = 5_000;

/**
 * Says that a list has new rows without moving what is being read: "12 new events". Asks `url` for
 * `{"count": n}` while the page is looked at; a press loads them.
 */
export function LiveAnnouncer({
  url,
  one,
  other,
  href,
}: {
  /** Counts what came after the newest row on the page, so it changes when the list does. */
  url: string;
  one: string;
  other: string;
  /** The list's first page, where this one is a later page or filtered by time. */
  href?: string;
}) {
  const router = useRouter();
  const [loading, startTransition] = useTransition();
  const fresh = useNewCount(url);

  function load() {
    startTransition(() => {
      if (href) router.push(href);
      else router.refresh();
    });
  }

  const words = counted(fresh, one, other);
  return (
    <div role="status" className="empty:hidden">
      {fresh > 0 && (
        <button
          type="button"
          onClick={load}
          aria-busy={loading}
          className={`${buttonClass({ size: "sm" })} w-full border-accent/40! bg-accent-soft! text-accent-text!`}
        >
          <ArrowUp className="size-4" aria-hidden="true" />
          {loading ? "Loading" : `Show ${words}`}
        </button>
      )}
    </div>
  );
}

function useNewCount(url: string): number {
  const [answer, setAnswer] = useState({ url, count: 0 });
  useEffect(() => {
    const stop = new AbortController();
    async function ask() {
      if (document.hidden) return;
      const count = await fetchCount(url, stop.signal);
      if (count !== undefined && !stop.signal.aborted) setAnswer({ url, count });
    }
    const timer = setInterval(ask, POLL_MS);
    document.addEventListener("visibilitychange", ask, { signal: stop.signal });
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  }, [url]);
  return answer.url === url ? answer.count : 0;
}

/** Undefined when there is no answer: a list that cannot say what is new simply says nothing. */
async function fetchCount(url: string, signal: AbortSignal): Promise<number | undefined> {
  try {
    const response = await fetch(url, { signal, headers: { accept: "application/json" } });
    if (!response.ok) return undefined;
    const body: unknown = await response.json();
    if (typeof body !== "object" || body === null || !("count" in body)) return undefined;
    return typeof body.count === "number" ? body.count : undefined;
  } catch {
    return undefined;
  }
}
