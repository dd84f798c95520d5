"use client";

import { clsx } from "clsx";
import type { ReactNode } from "react";

/**
 * A small panel that a button opens: the browser's own popover, so that it opens without scripts,
 * closes by Escape or a press elsewhere, and lies above everything. A followed link closes it.
 */
export function Popover({
  id,
  label,
  trigger,
  triggerClass,
  place,
  children,
}: {
  /** Unique on the page. */
  id: string;
  /** Names the panel. */
  label: string;
  /** What the button says; an icon needs a `sr-only` text beside it. */
  trigger: ReactNode;
  triggerClass: string;
  /** Where it stands in the window, as classes: `top-14 right-4 w-64`. */
  place: string;
  children: ReactNode;
}) {
  return (
    <>
      <button type="button" popoverTarget={id} className={triggerClass}>
        {trigger}
      </button>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the links inside are the controls; this only notices that one was followed. */}
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls of a form. */}
      <div
        id={id}
        popover="auto"
        role="group"
        aria-label={label}
        className={clsx("popover-panel", place)}
        onClick={(event) => {
          if (event.target instanceof Element && event.target.closest("a")) {
            event.currentTarget.hidePopover();
          }
        }}
      >
        {children}
      </div>
    </>
  );
}
