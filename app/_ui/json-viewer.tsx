"use client";

import { useDeferredValue, useMemo, useState } from "react";
import { counted } from "#lib/counted.ts";
import { Button } from "./button.tsx";
import { CopyButton } from "./copy-button.tsx";
import { count, type Json, JsonNode } from "./json-tree.tsx";

/** Beyond this a tree costs more than it shows. */
const TREE_CHARACTERS_MAX = 150_000;
const ALL_LEVELS = 100;
const FIRST_LEVELS = 3;

/**
 * A payload to read: folded, searched, copied whole or by path. What is no JSON, or too big for a
 * tree, is shown as it came. It is text throughout and never becomes markup.
 */
export function JsonViewer({ text, label = "Payload" }: { text: string; label?: string }) {
  const value = useMemo(() => parse(text), [text]);
  const [openTo, setOpenTo] = useState(FIRST_LEVELS);
  const [typed, setTyped] = useState("");
  const search = useDeferredValue(typed.trim().toLowerCase());

  return (
    <div data-box="" className="min-w-0 rounded-md border border-line bg-sunken">
      <div className="flex flex-wrap items-center gap-2 border-b border-line p-2">
        {value !== undefined && (
          <>
            <input
              type="search"
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              aria-label={`Search in ${label.toLowerCase()}`}
              placeholder="Search keys and values"
              className="control min-h-8 w-auto min-w-32 flex-1 py-1 text-sm sm:max-w-72"
            />
            <span role="status" className="text-xs text-muted">
              {search && found(count(value, search))}
            </span>
          </>
        )}
        <div className="ml-auto flex gap-2">
          {value !== undefined && (
            <Button
              variant="quiet"
              size="sm"
              onClick={() => setOpenTo(openTo === ALL_LEVELS ? FIRST_LEVELS : ALL_LEVELS)}
            >
              {openTo === ALL_LEVELS ? "Fold" : "Unfold all"}
            </Button>
          )}
          <CopyButton text={text} label={`Copy ${label.toLowerCase()}`}>
            Copy
          </CopyButton>
        </div>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls; this is a scrolling box. */}
      <div
        role="group"
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard.
        tabIndex={0}
        className="max-h-[70vh] overflow-auto p-3 font-mono text-[0.8125rem] leading-6 -outline-offset-2"
      >
        {value === undefined ? (
          <pre className="break-all whitespace-pre-wrap">{text}</pre>
        ) : (
          <JsonNode
            name={undefined}
            path=""
            value={value}
            depth={0}
            search={search}
            openTo={openTo}
          />
        )}
      </div>
    </div>
  );
}

function found(matches: number): string {
  if (matches === 0) return "Nothing found";
  return counted(matches, "match", "matches");
}

function parse(text: string): Json | undefined {
  if (text.length > TREE_CHARACTERS_MAX) return undefined;
  try {
    // A parser: whatever JSON.parse gives is Json by definition.
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
