"use client";

import { Toast } from "@base-ui/react/toast";
import { clsx } from "clsx";
import { X } from "lucide-react";
import { useEffect } from "react";
import { buttonClass } from "./button.tsx";

const manager = Toast.createToastManager();

type ToastTone = "green" | "red" | "grey";

/** Says briefly what happened. Anything that a person must still read belongs on the page instead. */
export function toast(message: {
  title: string;
  description?: string;
  tone?: ToastTone;
  /** Offers to take it back for as long as the toast stands. */
  undo?: () => void;
}) {
  const { title, description, tone = "grey", undo } = message;
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

/** The place where toasts appear; once, in the root layout. */
export function Toaster() {
  return (
    <Toast.Provider toastManager={manager} limit={3}>
      <Toast.Portal>
        <Toast.Viewport className="fixed right-4 bottom-20 left-4 z-50 flex flex-col gap-2 sm:bottom-4 sm:left-auto sm:w-96">
          <Toasts />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function Toasts() {
  const { toasts } = Toast.useToastManager();
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
          className={clsx(
            "size-2 shrink-0 rounded-full",
            each.type === "green" ? "bg-green" : each.type === "red" ? "bg-red" : "bg-grey",
          )}
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

/** A toast from the server: shown when it appears on a page, such as after a redirect. */
export function ToastOnce({ title, tone = "green" }: { title: string; tone?: ToastTone }) {
  useEffect(() => {
    // After a tick, because the place where toasts appear may mount later than this.
    const timer = setTimeout(() => toast({ title, tone }), 0);
    return () => clearTimeout(timer);
  }, [title, tone]);
  return null;
}
