"use client";

import { lazy, Suspense, useEffect, useSyncExternalStore } from "react";
import { isAnythingSaid, type ToastMessage, toast, whenSaid } from "./toast-line.ts";

export { toast };

const Toasts = lazy(async () => ({ default: (await import("./toasts.tsx")).Toasts }));

/** The place where toasts appear; once, in the root layout. Loaded with the first: most pages show none. */
export function Toaster() {
  const isNeeded = useSyncExternalStore(whenSaid, isAnythingSaid, () => false);
  return (
    isNeeded && (
      <Suspense>
        <Toasts />
      </Suspense>
    )
  );
}

/** A toast from the server: shown when it appears on a page, such as after a redirect. */
export function ToastOnce({
  title,
  tone = "green",
}: {
  title: string;
  tone?: NonNullable<ToastMessage["tone"]>;
}) {
  useEffect(() => {
    // After a tick, because the place where toasts appear may mount later than this.
    const timer = setTimeout(() => toast({ title, tone }), 0);
    return () => clearTimeout(timer);
  }, [title, tone]);
  return null;
}
