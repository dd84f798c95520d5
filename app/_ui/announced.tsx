"use client";

import { type ReactNode, useLayoutEffect, useRef, useSyncExternalStore } from "react";

/**
 * What became of something, for those who do not see it appear: it is read out, and their keyboard goes
 * on from here when what they pressed is gone. A page that comes as a whole begins at its top, as any does.
 */
export function Announced({
  of,
  children,
}: {
  /** Names what it is the outcome of: another one is announced anew. */
  of: string;
  children: ReactNode;
}) {
  const box = useRef<HTMLDivElement>(null);
  const isLoaded = useSyncExternalStore(never, yes, no);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another outcome has another name.
  useLayoutEffect(() => {
    if (isLoaded && document.activeElement === document.body) box.current?.focus();
  }, [of]);

  return (
    <div ref={box} role="status" tabIndex={-1} className="rounded-md">
      {children}
    </div>
  );
}

function never() {
  return () => {};
}

function yes() {
  return true;
}

function no() {
  return false;
}
