"use client";

import { Toast } from "@base-ui/react/toast";
import { clsx } from "clsx";
import { X } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { buttonClass } from "./button.tsx";
import { type ToastMessage, takeToasts } from "./toast-line.ts";

const READABLE_AFTER_MS = 100;

const manager = Toast.createToastManager();

/** Every toast that stands, and those to come. */
export function Toasts() {
  const box = useRef<HTMLDivElement>(null);
  const [isHigh, setHigh] = useState(false);

  // Where somebody is must be seen: what would stand above it goes to the other edge of the window.
  const giveWay = useCallback(() => {
    // After the window was moved to it.
    requestAnimationFrame(() => {
      const here = document.activeElement;
      if (!(here instanceof HTMLElement) || here.tabIndex < 0 || !box.current) return;
      if (!box.current.contains(here) && isOver(box.current, here)) setHigh((was) => !was);
    });
  }, []);

  useEffect(() => {
    // A region that comes with its words is not read out: they come a moment after it.
    const timer = setTimeout(() => takeToasts(show), READABLE_AFTER_MS);
    document.addEventListener("focusin", giveWay);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("focusin", giveWay);
    };
  }, [giveWay]);

  return (
    <Toast.Provider toastManager={manager} limit={3}>
      <Toast.Portal>
        <Toast.Viewport
          ref={box}
          className={clsx(
            "fixed right-4 left-4 z-50 flex flex-col gap-2 sm:left-auto sm:w-96",
            isHigh ? "top-4" : "bottom-20 sm:bottom-4",
          )}
        >
          <Standing onChange={giveWay} />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function isOver(one: Element, other: Element): boolean {
  const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

const DOTS: Readonly<Record<string, string>> = {
  green: "bg-green",
  amber: "bg-amber",
  red: "bg-red",
  grey: "bg-grey",
};

function show({ title, description, tone = "grey", undo }: ToastMessage): void {
  const id = manager.add({
    title,
    type: tone,
    timeout: undo ? 10_000 : 5_000,
    priority: tone === "red" ? "high" : "low",
    ...(description && { description }),
    ...(undo && {
      actionProps: {
        children: "Undo",
        onClick: () => {
          undo();
          manager.close(id);
        },
      },
    }),
  });
}

function Standing({ onChange }: { onChange: () => void }) {
  const { toasts } = Toast.useToastManager();
  const count = toasts.length;

  useEffect(() => {
    if (count > 0) onChange();
  }, [count, onChange]);

  return toasts.map((each) => (
    <Toast.Root
      key={each.id}
      toast={each}
      swipeDirection={["right", "down"]}
      className="rounded-md border border-line bg-raised shadow-float transition-opacity data-ending-style:opacity-0 data-limited:hidden data-starting-style:opacity-0"
    >
      <Toast.Content className="flex items-center gap-3 py-2 pr-2 pl-4">
        <span
          aria-hidden="true"
          className={clsx("size-2 shrink-0 rounded-full", DOTS[each.type ?? "grey"])}
        />
        <div className="min-w-0 flex-1 py-1 text-sm">
          <Toast.Title className="font-medium" />
          <Toast.Description className="text-muted" />
        </div>
        <Toast.Action className={buttonClass({ size: "sm" })} />
        <Toast.Close
          aria-label="Dismiss"
          className="grid size-8 place-items-center rounded-md text-muted hover:bg-hover hover:text-ink"
        >
          <X className="size-4" aria-hidden="true" />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ));
}
