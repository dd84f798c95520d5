"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { Button } from "./button.tsx";

const EVERY_MS = 2_000;
const TIMES_MAX = 60;

/** Looks at the page again now and then, for as long as somebody may be waiting; and when asked. */
export function LookAgain() {
  const router = useRouter();
  useEffect(() => {
    let times = 0;
    const timer = setInterval(() => {
      times += 1;
      if (times > TIMES_MAX) clearInterval(timer);
      else if (document.visibilityState === "visible") router.refresh();
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [router]);
  // A form without an action asks for this page anew, with scripts or without.
  return (
    <form>
      <Button type="submit">Look again</Button>
    </form>
  );
}
