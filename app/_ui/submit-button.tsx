"use client";

import { LoaderCircle } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { useFormStatus } from "react-dom";
import { Button, type ButtonLook } from "./button.tsx";

/**
 * Sends its form. While the answer is awaited it keeps its width, shows that it works, and a second
 * press does nothing; it stays focusable, so that a keyboard's place is not lost.
 */
export function SubmitButton({
  children,
  variant = "primary",
  icon,
  ...rest
}: Omit<ComponentProps<"button">, "type"> & ButtonLook & { icon?: ReactNode }) {
  const { pending } = useFormStatus();
  return (
    <Button
      {...rest}
      type="submit"
      variant={variant}
      aria-disabled={pending || undefined}
      onClick={(event) => {
        if (pending) event.preventDefault();
      }}
    >
      <span className="grid items-center justify-items-center">
        <span
          className={`col-start-1 row-start-1 inline-flex items-center gap-2 ${pending ? "invisible" : ""}`}
        >
          {icon}
          {children}
        </span>
        {pending && (
          <span className="col-start-1 row-start-1">
            <LoaderCircle className="size-4 animate-spin" aria-hidden="true" />
            <span className="sr-only">Working</span>
          </span>
        )}
      </span>
    </Button>
  );
}
