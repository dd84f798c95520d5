"use client";

import { Dialog as Base } from "@base-ui/react/dialog";
import { clsx } from "clsx";
import { X } from "lucide-react";
import { type ReactElement, type ReactNode, useState } from "react";

/** A question or a form above the page. With `side`, a sheet at the right for longer reading. */
export function Dialog({
  trigger,
  title,
  description,
  side = false,
  open: openFromOutside,
  onOpenChange,
  children,
}: {
  /** A Button. Left out where something else opens it. */
  trigger?: ReactElement;
  title: ReactNode;
  description?: ReactNode;
  side?: boolean;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  children: ReactNode | ((close: () => void) => ReactNode);
}) {
  const [openHere, setOpenHere] = useState(false);
  const open = openFromOutside ?? openHere;
  const setOpen = onOpenChange ?? setOpenHere;
  return (
    <Base.Root open={open} onOpenChange={(next) => setOpen(next)}>
      {trigger && <Base.Trigger render={trigger} />}
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-scrim transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Popup
          className={clsx(
            "fixed z-50 grid grid-cols-[minmax(0,1fr)] content-start gap-4 overflow-y-auto overscroll-contain wrap-anywhere border border-line bg-raised p-5 shadow-float transition-opacity outline-none data-ending-style:opacity-0 data-starting-style:opacity-0",
            side
              ? "inset-y-0 right-0 w-full max-w-lg"
              : "inset-x-4 bottom-4 max-h-[85dvh] rounded-lg sm:inset-x-auto sm:top-1/2 sm:bottom-auto sm:left-1/2 sm:w-[30rem] sm:-translate-x-1/2 sm:-translate-y-1/2",
          )}
        >
          <div className="grid gap-1 pr-8">
            <Base.Title className="text-lg font-semibold tracking-tight">{title}</Base.Title>
            {description && (
              <Base.Description className="text-sm text-muted">{description}</Base.Description>
            )}
          </div>
          {typeof children === "function" ? children(() => setOpen(false)) : children}
          {/* Last, so that a keyboard begins with what the dialog is for. */}
          <Base.Close
            aria-label="Close"
            className="absolute top-4 right-4 grid size-8 place-items-center rounded-md text-muted hover:bg-hover hover:text-ink"
          >
            <X className="size-4" aria-hidden="true" />
          </Base.Close>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
