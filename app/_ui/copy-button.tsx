"use client";

import { clsx } from "clsx";
import { Check, Copy } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { buttonClass } from "./button.tsx";
import { toast } from "./toast.tsx";

/** Copies a text and says so, to eyes and to screen readers. Icon alone when it has no children. */
export function CopyButton({
  text,
  label = "Copy",
  children,
  className,
}: {
  text: string;
  /** What it copies, for those who cannot see beside what it stands: "Copy signing secret". */
  label?: string;
  children?: ReactNode;
  className?: string;
}) {
  const [copied, copy] = useCopy(text);
  return (
    <button
      type="button"
      onClick={copy}
      title={label}
      aria-label={children ? undefined : label}
      className={clsx(
        children
          ? buttonClass({ size: "sm" })
          : "inline-grid size-7 shrink-0 place-items-center rounded-sm text-muted hover:bg-hover hover:text-ink",
        className,
      )}
    >
      {copied ? (
        <Check className="size-3.5 text-green" aria-hidden="true" />
      ) : (
        <Copy className="size-3.5" aria-hidden="true" />
      )}
      {children}
      <span role="status" className="sr-only">
        {copied ? "Copied" : ""}
      </span>
    </button>
  );
}

/** Puts a text on the clipboard; true for a moment afterwards. */
export function useCopy(text: string): [copied: boolean, copy: () => void] {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1_500);
    return () => clearTimeout(timer);
  }, [copied]);

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      toast({ title: "The browser did not allow copying. Select the text instead.", tone: "red" });
    }
  }
  return [copied, copy];
}
