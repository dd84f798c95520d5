"use client";

import { clsx } from "clsx";
import { type ComponentProps, type ReactNode, useId } from "react";
import { useAnswer } from "./form.tsx";

type Common = {
  name: string;
  label: ReactNode;
  hint?: ReactNode;
  /** By hand; otherwise the surrounding form's answer names it. */
  error?: string | undefined;
  /** Says so beside the label. Fields are required or optional in words, never by an asterisk. */
  optional?: boolean;
};

type Wiring = { id: string; "aria-invalid"?: true; "aria-describedby"?: string };

function useField({ name, hint, error }: Pick<Common, "name" | "hint" | "error">) {
  const id = useId();
  const answer = useAnswer();
  const problem = error ?? answer.fields?.[name];
  const described = [hint && `${id}-hint`, problem && `${id}-error`].filter(Boolean).join(" ");
  const wiring: Wiring = {
    id,
    ...(problem && { "aria-invalid": true }),
    ...(described && { "aria-describedby": described }),
  };
  return { id, problem, wiring, kept: answer.values?.[name] };
}

function Frame({
  id,
  label,
  hint,
  optional,
  problem,
  children,
}: Pick<Common, "label" | "hint" | "optional"> & {
  id: string;
  problem: string | undefined;
  children: ReactNode;
}) {
  return (
    <div className="grid min-w-0 content-start gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
        {optional && <span className="font-normal text-muted"> (optional)</span>}
      </label>
      {hint && (
        <p id={`${id}-hint`} className="text-sm text-muted">
          {hint}
        </p>
      )}
      {children}
      <Problem id={id} problem={problem} />
    </div>
  );
}

function Problem({ id, problem }: { id: string; problem: string | undefined }) {
  if (!problem) return null;
  return (
    <p id={`${id}-error`} className="text-sm font-medium text-red">
      {problem}
    </p>
  );
}

/** One line of text: also e-mail, password, number, date, URL by its `type`. */
export function TextField({
  label,
  hint,
  error,
  optional,
  mono,
  className,
  defaultValue,
  ...input
}: Common & { mono?: boolean } & Omit<ComponentProps<"input">, "name">) {
  const { id, problem, wiring, kept } = useField({ name: input.name, hint, error });
  return (
    <Frame {...{ id, label, hint, problem }} {...(optional && { optional })}>
      <input
        type="text"
        {...input}
        {...wiring}
        defaultValue={input.value === undefined ? (kept ?? defaultValue) : undefined}
        className={clsx("control", mono && "font-mono text-sm", className)}
      />
    </Frame>
  );
}

export function TextArea({
  label,
  hint,
  error,
  optional,
  mono,
  className,
  defaultValue,
  rows = 4,
  ...input
}: Common & { mono?: boolean } & Omit<ComponentProps<"textarea">, "name">) {
  const { id, problem, wiring, kept } = useField({ name: input.name, hint, error });
  return (
    <Frame {...{ id, label, hint, problem }} {...(optional && { optional })}>
      <textarea
        rows={rows}
        {...input}
        {...wiring}
        defaultValue={input.value === undefined ? (kept ?? defaultValue) : undefined}
        className={clsx("control", mono && "font-mono text-sm", className)}
      />
    </Frame>
  );
}

export type Option = { value: string; label: string; disabled?: boolean };

/** The browser's own select: it works on every phone and without scripts. */
export function SelectField({
  label,
  hint,
  error,
  optional,
  options,
  className,
  defaultValue,
  ...input
}: Common & { options: readonly Option[] } & Omit<ComponentProps<"select">, "name" | "children">) {
  const { id, problem, wiring, kept } = useField({ name: input.name, hint, error });
  return (
    <Frame {...{ id, label, hint, problem }} {...(optional && { optional })}>
      <select
        {...input}
        {...wiring}
        defaultValue={input.value === undefined ? (kept ?? defaultValue) : undefined}
        className={clsx("control", className)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.label}
          </option>
        ))}
      </select>
    </Frame>
  );
}

/** A tick box with its sentence beside it. For settings that act at once, see Switch. */
export function CheckField({
  label,
  hint,
  error,
  optional: _,
  className,
  ...input
}: Common & Omit<ComponentProps<"input">, "name" | "type">) {
  const { id, problem, wiring, kept } = useField({ name: input.name, hint, error });
  return (
    <div className="grid min-w-0 gap-1">
      <div className="flex items-start gap-2.5">
        <input
          type="checkbox"
          {...input}
          {...wiring}
          {...(kept !== undefined && input.checked === undefined && { defaultChecked: true })}
          className={clsx("mt-0.5 size-5 shrink-0 accent-accent", className)}
        />
        <span className="min-w-0 text-sm">
          <label htmlFor={id} className="font-medium">
            {label}
          </label>
          {hint && (
            <span id={`${id}-hint`} className="block text-muted">
              {hint}
            </span>
          )}
        </span>
      </div>
      <Problem id={id} problem={problem} />
    </div>
  );
}
