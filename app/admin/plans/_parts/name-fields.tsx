import type { ReactNode } from "react";
import { TextArea, TextField } from "#app/_ui/field.tsx";

/** What a plan and a tier have alike: how they are called, and what they are about. */
export function NameFields({
  known,
  codeHint,
  children,
}: {
  known: { name: string; code: string; description: string } | undefined;
  codeHint: string;
  /** The field that only this kind has. */
  children: ReactNode;
}) {
  return (
    <div className="grid max-w-2xl gap-5 sm:grid-cols-2">
      <TextField
        name="name"
        label="Name"
        defaultValue={known?.name ?? ""}
        required
        maxLength={80}
      />
      <TextField
        name="code"
        label="Code"
        hint={codeHint}
        defaultValue={known?.code ?? ""}
        required
        maxLength={40}
        mono
      />
      <div className="sm:col-span-2">
        <TextArea
          name="description"
          label="Description"
          rows={2}
          defaultValue={known?.description ?? ""}
          maxLength={500}
          optional
        />
      </div>
      {children}
    </div>
  );
}
