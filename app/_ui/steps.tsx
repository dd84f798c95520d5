import { clsx } from "clsx";
import { Check } from "lucide-react";
import type { ReactNode } from "react";

export type Step = { title: ReactNode; state: "done" | "current" | "todo"; body?: ReactNode };

/** A road with a few stations: what is done, where we are, what comes. */
export function Steps({ items }: { items: readonly Step[] }) {
  return (
    <ol className="grid">
      {items.map((step, index) => (
        <li
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place.
          key={index}
          aria-current={step.state === "current" ? "step" : undefined}
          className="relative flex gap-3 pb-5 last:pb-0 not-last:before:absolute not-last:before:top-8 not-last:before:bottom-1 not-last:before:left-3.5 not-last:before:w-px not-last:before:bg-line"
        >
          <span
            className={clsx(
              "grid size-7 shrink-0 place-items-center rounded-full text-xs font-semibold",
              step.state === "done" && "bg-green-soft text-green",
              step.state === "current" && "bg-accent text-on-accent",
              step.state === "todo" && "border border-line-strong text-muted",
            )}
          >
            {step.state === "done" ? (
              <>
                <Check className="size-4" aria-hidden="true" />
                <span className="sr-only">Done: </span>
              </>
            ) : (
              index + 1
            )}
          </span>
          <div className="grid min-w-0 flex-1 gap-1 pt-1 text-sm">
            <p className={clsx("font-medium", step.state === "todo" && "text-muted")}>
              {step.title}
            </p>
            {step.body && <div className="text-muted">{step.body}</div>}
          </div>
        </li>
      ))}
    </ol>
  );
}
