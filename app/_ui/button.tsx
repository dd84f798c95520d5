import { clsx } from "clsx";
import Link from "next/link";
import type { ComponentProps, ReactNode } from "react";

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
    "inline-flex shrink-0 items-center justify-center gap-2 rounded-md font-medium whitespace-nowrap transition-colors",
    "disabled:cursor-not-allowed disabled:opacity-60 aria-disabled:cursor-not-allowed aria-disabled:opacity-60",
    size === "md" ? "min-h-10 px-4 text-sm" : "min-h-8 px-3 text-sm",
    VARIANTS[variant],
  );
}

type Extra = ButtonLook & { icon?: ReactNode };

/** A button that does something here. One primary on a screen; the rest secondary or quiet. */
export function Button({
  variant,
  size,
  icon,
  className,
  children,
  type = "button",
  ...rest
}: ComponentProps<"button"> & Extra) {
  return (
    <button
      type={type}
      className={clsx(
        buttonClass({ ...(variant && { variant }), ...(size && { size }) }),
        className,
      )}
      {...rest}
    >
      {icon}
      {children}
    </button>
  );
}

/** A link that looks like a button, because it leads to the next step. */
export function ButtonLink({
  variant,
  size,
  icon,
  external = false,
  className,
  children,
  href,
  rel,
  title,
}: Extra & {
  href: string;
  /** Opens beside the page. */
  external?: boolean;
  className?: string;
  rel?: string;
  title?: string;
  children: ReactNode;
}) {
  const look = clsx(buttonClass({ ...(variant && { variant }), ...(size && { size }) }), className);
  if (external) {
    return (
      <a href={href} className={look} target="_blank" rel="noreferrer" title={title}>
        {icon}
        {children}
      </a>
    );
  }
  return (
    <Link href={href} className={look} rel={rel} title={title}>
      {icon}
      {children}
    </Link>
  );
}
