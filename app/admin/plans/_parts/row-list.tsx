"use client";

import { clsx } from "clsx";
import { Plus, X } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import { Button } from "#app/_ui/button.tsx";
import { useAnswer } from "#app/_ui/form.tsx";

/** Two blank rows are there from the beginning, so that the form works without scripts. */
const BLANK = 2;

/** The repeating part of a form: rows of fields that can be added and taken away. */
export function RowList({
  group,
  filled,
  columns,
  addLabel,
  removeLabel,
  children,
}: {
  /** What its fields' names begin with: a problem of them all stands below them. */
  group: string;
  filled: number;
  /** The grid of one row; its last column holds the button that removes it. */
  columns: string;
  addLabel: string;
  removeLabel: (row: number) => string;
  /** The fields of a row; one that was added by hand takes the focus. */
  children: (row: number, isAdded: boolean) => ReactNode;
}) {
  const { rows, addButton, isAdded, add, remove } = useRows(filled);
  const problem = useAnswer().fields?.[group];
  return (
    <>
      <ul className="grid gap-4">
        {rows.map((row) => (
          <li
            key={row}
            className={clsx(
              "group/row grid items-start gap-3 not-first:border-t not-first:border-line not-first:pt-4",
              columns,
            )}
          >
            {children(row, isAdded(row))}
            <Button
              variant="quiet"
              className="mt-[1.625rem] justify-self-end"
              onClick={() => remove(row)}
              aria-label={removeLabel(row)}
              icon={<X className="size-4" aria-hidden="true" />}
            />
          </li>
        ))}
      </ul>
      {problem && <p className="text-sm font-medium text-red">{problem}</p>}
      <div>
        <Button
          ref={addButton}
          size="sm"
          onClick={add}
          icon={<Plus className="size-4" aria-hidden="true" />}
        >
          {addLabel}
        </Button>
      </div>
    </>
  );
}

/** Which rows a repeating form shows. A row keeps its number, so that errors stay with it. */
function useRows(filled: number) {
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
