"use client";

import { Check, Copy } from "lucide-react";
import { useCopy } from "./copy-button.tsx";
import { TextLink } from "./text-link.tsx";

/** An id that can be read, copied with a press and, where it has a page, opened. */
export function Id({
  value,
  href,
  external = false,
  short = false,
}: {
  value: string | null | undefined;
  href?: string | undefined;
  external?: boolean;
  /** Shows the kind and the last six characters; copies the whole. */
  short?: boolean;
}) {
  const [copied, copy] = useCopy(value ?? "");
  if (!value) return <span className="text-muted">—</span>;
  const text = short ? shorten(value) : value;
  const icon = copied ? (
    <Check className="size-3 shrink-0 text-green" aria-hidden="true" />
  ) : (
    <Copy
      className="size-3 shrink-0 opacity-0 group-hover/id:opacity-100 group-focus-within/id:opacity-100 pointer-coarse:opacity-60"
      aria-hidden="true"
    />
  );
  const said = (
    <span role="status" className="sr-only">
      {copied ? "Copied" : ""}
    </span>
  );
  if (!href) {
    return (
      <button
        type="button"
        onClick={copy}
        title={`Copy ${value}`}
        className="group/id inline-flex max-w-full items-center gap-1 rounded-sm font-mono text-[0.8125rem] hover:text-accent-text"
      >
        <span className="truncate">{text}</span>
        {icon}
        {said}
      </button>
    );
  }
  return (
    <span className="group/id inline-flex max-w-full items-center gap-1 font-mono text-[0.8125rem]">
      <span className="min-w-0 truncate" title={value}>
        <TextLink href={href} external={external}>
          {text}
        </TextLink>
      </span>
      <button type="button" onClick={copy} aria-label={`Copy ${value}`} className="rounded-sm p-1">
        {icon}
        {said}
      </button>
    </span>
  );
}

function shorten(value: string): string {
  if (value.length <= 14) return value;
  const kind = /^[a-z]{2,4}_/.exec(value)?.[0] ?? value.slice(0, 4);
  return `${kind}…${value.slice(-6)}`;
}
