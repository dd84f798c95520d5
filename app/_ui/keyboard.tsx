"use client";

import { useEffect, useState } from "react";
import { Dialog } from "./dialog.tsx";
import { Switch } from "./switch.tsx";

const KEYS = [
  { keys: ["/"], does: "Search" },
  { keys: ["Ctrl", "K"], does: "Search from anywhere, also while typing" },
  { keys: ["j"], does: "Next row" },
  { keys: ["k"], does: "Previous row" },
  { keys: ["Enter"], does: "Open the row" },
  { keys: ["?"], does: "This list" },
  { keys: ["Esc"], does: "Close, or leave a field" },
] as const;

const STORED = "billhook.shortcuts";

/** Keys for people who live here. Single letters can be switched off, for those who speak to their computer. */
export function Keyboard() {
  const [help, setHelp] = useState(false);
  const [letters, setLetters] = useState(true);

  useEffect(() => setLetters(localStorage.getItem(STORED) !== "off"), []);

  useEffect(() => {
    function press(event: KeyboardEvent) {
      if (event.defaultPrevented || event.altKey) return;
      if (event.key === "k" && (event.ctrlKey || event.metaKey)) return take(event, focusSearch);
      if (event.ctrlKey || event.metaKey) return;
      if (event.key === "Escape" && isTyping(event.target)) return leaveField(event.target);
      if (!letters || isTyping(event.target) || isBelowLayer()) return;
      if (event.key === "/") take(event, focusSearch);
      if (event.key === "j") take(event, () => moveRow(1));
      if (event.key === "k") take(event, () => moveRow(-1));
      if (event.key === "?") take(event, () => setHelp(true));
    }
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [letters]);

  function keep(on: boolean) {
    setLetters(on);
    localStorage.setItem(STORED, on ? "on" : "off");
  }

  return (
    <Dialog title="Keyboard shortcuts" open={help} onOpenChange={setHelp}>
      <dl className="grid gap-2 text-sm">
        {KEYS.map(({ keys, does }) => (
          <div key={does} className="flex items-center justify-between gap-4">
            <dt>{does}</dt>
            <dd className="flex gap-1">
              {keys.map((key) => (
                <kbd key={key} className={KEY}>
                  {key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <div className="border-t border-line pt-4">
        <Switch
          label="Single-key shortcuts"
          hint="Switch off if they get in the way of dictation."
          checked={letters}
          onChange={(event) => keep(event.target.checked)}
        />
      </div>
    </Dialog>
  );
}

const KEY =
  "min-w-6 rounded-sm border border-line-strong/60 bg-sunken px-1.5 py-0.5 text-center font-mono text-xs";

function take(event: KeyboardEvent, act: () => void): void {
  event.preventDefault();
  act();
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** A dialog or popover is open: keys belong to it. */
function isBelowLayer(): boolean {
  return document.querySelector("[role=dialog],[role=alertdialog],:popover-open") !== null;
}

function leaveField(target: EventTarget | null): void {
  if (!isBelowLayer() && target instanceof HTMLElement) target.blur();
}

/** The list's own search where there is one, else the search of the whole. */
function focusSearch(): void {
  const boxes = [...document.querySelectorAll<HTMLInputElement>("[data-search]")];
  const visible = boxes.filter((box) => box.checkVisibility());
  const box = visible.find((each) => each.dataset.search === "list") ?? visible[0];
  box?.focus();
  box?.select();
}

function moveRow(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-row-link]")];
  const at = rows.findIndex((row) => row.matches(":focus"));
  const next = at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by));
  rows[next]?.focus();
}
