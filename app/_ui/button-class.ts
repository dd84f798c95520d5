import { clsx } from "clsx";

export type ButtonLook = {
  variant?: "primary" | "secondary" | "quiet" | "danger";
  size?: "md" | "sm";
};

const VARIANTS = {
  primary: "bg-accent text-on-accent hover:bg-accent-hover",
  secondary: "border border-line-strong/60 bg-surface text-ink hover:bg-hover",
  quiet: "text-ink hover:bg-hover",
  danger: "bg-danger text-white hover:bg-danger-hover",
} as const;

/** The look of a button, for what must be another element: a menu's trigger, a native popover's. */
export function buttonClass({ variant = "secondary", size = "md" }: ButtonLook = {}): string {
  return clsx(
    // A label with somebody's long name in it breaks rather than the page; others stay on their line.
    "inline-flex max-w-full shrink-0 items-center justify-center gap-2 rounded-md py-1 font-medium wrap-anywhere transition-colors [td_&]:whitespace-nowrap",
    "disabled:cursor-not-allowed disabled:opacity-60 aria-disabled:cursor-not-allowed aria-disabled:opacity-60",
    size === "md" ? "min-h-10 px-4 text-sm" : "min-h-8 px-3 text-sm",
    VARIANTS[variant],
  );
}
