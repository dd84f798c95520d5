import { clsx } from "clsx";
import Link from "next/link";
import type { ComponentProps, ReactNode } from "react";
import { type ButtonLook, buttonClass } from "./button-class.ts";

export { type ButtonLook, buttonClass };

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
