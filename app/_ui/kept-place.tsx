"use client";

import { useEffect } from "react";

/** What somebody can be said to be at: a row, an item, a part of the page, the page. */
const PLACES = "tr, li, section, main";

type Place = { element: Element; name: string | null; around: Element[] };

/**
 * Keeps the place of whoever uses the keyboard. When what has the focus goes away, with its form, its
 * row or its page, the focus goes to what is left around it, and not to the top of everything.
 */
export function KeptPlace() {
  useEffect(() => {
    let last: Place | undefined;

    function remember({ target }: FocusEvent) {
      if (!(target instanceof Element) || target.closest("[role=dialog]")) return;
      last = target.closest("main") ? placeOf(target) : undefined;
    }
    function goOn() {
      // A dialog that closes gives the focus back by itself, and an outcome takes it.
      if (!last || last.element.isConnected || document.activeElement !== document.body) return;
      targetOf(last)?.focus({ preventScroll: true });
    }
    const observer = new MutationObserver(() => {
      if (last && !last.element.isConnected) setTimeout(goOn);
    });
    observer.observe(document.body, { childList: true, subtree: true });
    document.addEventListener("focusin", remember);
    return () => {
      observer.disconnect();
      document.removeEventListener("focusin", remember);
    };
  }, []);
  return null;
}

function placeOf(element: Element): Place {
  const around: Element[] = [];
  for (let each = element.parentElement; each; each = each.parentElement) {
    if (each.matches(PLACES)) around.push(each);
  }
  return { element, name: element.textContent, around };
}

/** What the address names, the same button made anew, or what is left around it. */
function targetOf({ element, name, around }: Place): HTMLElement | undefined {
  const named = document.getElementById(window.location.hash.slice(1));
  const left =
    named ?? around.find(({ isConnected }) => isConnected) ?? document.querySelector("main");
  if (!(left instanceof HTMLElement)) return undefined;
  if (!left.hasAttribute("tabindex")) left.tabIndex = -1;
  if (!(element instanceof HTMLButtonElement)) return left;
  return (
    [...left.querySelectorAll("button")].find(({ textContent }) => textContent === name) ?? left
  );
}
