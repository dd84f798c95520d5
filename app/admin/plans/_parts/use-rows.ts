"use client";

import { useRef, useState } from "react";

/** Two blank rows are there from the beginning, so that the form works without scripts. */
const BLANK = 2;

/** Which rows a repeating form shows. A row keeps its number, so that errors stay with it. */
export function useRows(filled: number) {
  const [rows, setRows] = useState(() => Array.from({ length: filled + BLANK }, (_, row) => row));
  const next = useRef(filled + BLANK);
  const addButton = useRef<HTMLButtonElement>(null);
  return {
    rows,
    addButton,
    /** Rows that were added by hand take the focus. */
    isAdded: (row: number) => row >= filled + BLANK,
    add() {
      const row = next.current;
      next.current += 1;
      setRows((current) => [...current, row]);
    },
    remove(row: number) {
      setRows((current) => current.filter((other) => other !== row));
      addButton.current?.focus();
    },
  };
}
