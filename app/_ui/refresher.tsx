"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";

/** Reads the page anew now and then while it is looked at: for work that goes on by itself. */
export function Refresher({ everyMs }: { everyMs: number }) {
  const router = useRouter();
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) router.refresh();
    }, everyMs);
    return () => clearInterval(timer);
  }, [router, everyMs]);
  return null;
}
