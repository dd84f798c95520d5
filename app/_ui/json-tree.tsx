"use client";

import type { ReactNode } from "react";
import { CopyButton } from "./copy-button.tsx";

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** Members whose value is shown as dots: a screenshot of an event should not leak them. */
const SECRET = /secret|password|token|api_?key|authorization/i;

type NodeProps = {
  name: string | undefined;
  path: string;
  value: Json;
  depth: number;
  search: string;
  openTo: number;
};

/** One value of a payload and all below it. Folding is the browser's own. */
export function JsonNode(props: NodeProps) {
  const { name, path, value, search } = props;
  if (value !== null && typeof value === "object") return <Branch {...props} value={value} />;
  return (
    <div className="flex min-h-6 items-start gap-1 pl-4">
      <span className="min-w-0 break-all whitespace-pre-wrap">
        <Name name={name} search={search} />
        <Leaf name={name} value={value} search={search} />
      </span>
      <CopyPath path={path} />
    </div>
  );
}

function Branch({
  name,
  path,
  value,
  depth,
  search,
  openTo,
}: NodeProps & { value: readonly Json[] | { readonly [key: string]: Json } }) {
  const isList = Array.isArray(value);
  const entries = Object.entries(value);
  const open = depth < openTo || (search !== "" && holds(value, search));
  return (
    <div className="relative">
      {/* The key reopens what a search found, and leaves a person's own folding alone otherwise. */}
      <details open={open} key={`${open}${openTo}`}>
        <summary className="flex min-h-6 list-none items-start gap-1 rounded-sm hover:bg-hover [&::-webkit-details-marker]:hidden">
          <span
            aria-hidden="true"
            className="w-3 shrink-0 text-center text-muted transition-transform [details[open]>summary>&]:rotate-90"
          >
            ›
          </span>
          <span className="min-w-0 break-all">
            <Name name={name} search={search} />
            <span className="text-muted">{`${isList ? "[" : "{"} ${entries.length} ${isList ? "]" : "}"}`}</span>
          </span>
        </summary>
        <div className="ml-1.5 border-l border-line pl-2">
          {entries.map(([key, child]) => (
            <JsonNode
              key={key}
              name={key}
              path={isList ? `${path}[${key}]` : path ? `${path}.${key}` : key}
              value={child}
              depth={depth + 1}
              search={search}
              openTo={openTo}
            />
          ))}
        </div>
      </details>
      <div className="absolute top-0 right-0">
        <CopyPath path={path} />
      </div>
    </div>
  );
}

function CopyPath({ path }: { path: string }) {
  if (!path) return null;
  return (
    <CopyButton
      text={path}
      label={`Copy path ${path}`}
      className="-my-0.5 size-6! bg-sunken opacity-0 focus-visible:opacity-100 [:hover>&]:opacity-100 [details:has(>summary:hover)+div>&]:opacity-100"
    />
  );
}

function Name({ name, search }: { name: string | undefined; search: string }) {
  if (name === undefined) return null;
  return (
    <>
      <span className="text-accent-text">
        <Marked text={name} search={search} />
      </span>
      <span className="text-muted">: </span>
    </>
  );
}

function Leaf({ name, value, search }: { name: string | undefined; value: Json; search: string }) {
  if (name !== undefined && SECRET.test(name) && typeof value === "string" && value !== "") {
    return <span className="text-muted">•••••••• (hidden)</span>;
  }
  if (typeof value === "string") {
    return (
      <span className="text-green">
        <Marked text={JSON.stringify(value)} search={search} />
      </span>
    );
  }
  return (
    <span className={value === null ? "text-muted" : "text-blue"}>
      <Marked text={String(value)} search={search} />
    </span>
  );
}

function Marked({ text, search }: { text: string; search: string }): ReactNode {
  const at = search ? text.toLowerCase().indexOf(search) : -1;
  if (at < 0) return text;
  return (
    <>
      {text.slice(0, at)}
      <mark className="rounded-sm bg-amber-soft text-amber outline outline-amber-line">
        {text.slice(at, at + search.length)}
      </mark>
      {text.slice(at + search.length)}
    </>
  );
}

/** Whether a name or value below contains the words; how often, by `count`. */
export function holds(value: Json, search: string): boolean {
  return count(value, search) > 0;
}

export function count(value: Json, search: string): number {
  if (value === null || typeof value !== "object") {
    return JSON.stringify(value).toLowerCase().includes(search) ? 1 : 0;
  }
  const isList = Array.isArray(value);
  let found = 0;
  for (const [key, child] of Object.entries(value)) {
    if (!isList && key.toLowerCase().includes(search)) found += 1;
    found += count(child, search);
  }
  return found;
}
