"use client";

import { PanelLeftClose, PanelLeftOpen } from "lucide-react";
import { useState } from "react";
import { keepChoice } from "./cookies.ts";

/** Folds the navigation to its icons and back; the choice is kept in a cookie. */
export function NavToggle({ initiallyNarrow }: { initiallyNarrow: boolean }) {
  const [narrow, setNarrow] = useState(initiallyNarrow);

  function toggle() {
    const next = !narrow;
    setNarrow(next);
    keepChoice("nav", next ? "narrow" : "wide");
    document
      .querySelector<HTMLElement>("[data-nav]")
      ?.setAttribute("data-nav", next ? "narrow" : "wide");
  }

  const Icon = narrow ? PanelLeftOpen : PanelLeftClose;
  return (
    <button
      type="button"
      onClick={toggle}
      aria-expanded={!narrow}
      title={narrow ? "Widen navigation" : "Narrow navigation"}
      aria-label="Navigation labels"
      className="grid size-9 place-items-center rounded-md text-muted hover:bg-hover hover:text-ink"
    >
      <Icon className="size-4" aria-hidden="true" />
    </button>
  );
}
