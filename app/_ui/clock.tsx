"use client";

import { createContext, type ReactNode, use, useEffect, useSyncExternalStore } from "react";
import { keepChoice } from "./cookies.ts";

type Clock = { zone: string; renderedAt: number };

const Server = createContext<Clock>({ zone: "UTC", renderedAt: 0 });

const TICK_MS = 30_000;
let tick = Date.now();

function subscribe(notify: () => void): () => void {
  const timer = setInterval(() => {
    tick = Date.now();
    notify();
  }, TICK_MS);
  return () => clearInterval(timer);
}

/**
 * What time and zone the server wrote with, so that the browser's first rendering is the same; and
 * a cookie with the browser's zone, so that the server writes the right one from the next page on.
 */
export function ClockProvider({ children, ...clock }: Clock & { children: ReactNode }) {
  useEffect(() => {
    const zone = browserZone();
    if (zone === clock.zone) return;
    keepChoice("zone", zone);
  }, [clock.zone]);
  return <Server value={clock}>{children}</Server>;
}

/** Now, by the half minute, and the reader's zone. */
export function useClock(): { now: Date; zone: string } {
  const server = use(Server);
  const now = useSyncExternalStore(
    subscribe,
    () => tick,
    () => server.renderedAt,
  );
  const zone = useSyncExternalStore(noChange, browserZone, () => server.zone);
  return { now: new Date(now), zone };
}

function noChange(): () => void {
  return () => undefined;
}

function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}
