"use client";

import { type ReactElement, type ReactNode, useId, useState } from "react";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { Form, type FormAction } from "./form.tsx";
import type { FormState } from "./form-state.ts";
import { SubmitButton } from "./submit-button.tsx";
import { toast } from "./toast.tsx";

/**
 * Asks before something that matters. The body says what will follow; what cannot be taken back asks
 * for the thing's name. It stays open with the reason when the action refuses.
 */
export function Confirm({
  trigger,
  title,
  confirmLabel,
  action,
  tone = "danger",
  typeToConfirm,
  children,
}: {
  trigger: ReactElement;
  title: ReactNode;
  /** A verb: "Retire secret". */
  confirmLabel: string;
  action: FormAction;
  tone?: "danger" | "primary";
  typeToConfirm?: string;
  /** The consequence, and hidden inputs that the action needs. */
  children?: ReactNode;
}) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const id = useId();
  const certain = !typeToConfirm || typed.trim() === typeToConfirm;

  async function act(state: FormState, data: FormData): Promise<FormState> {
    const answer = await action(state, data);
    if (answer.outcome === "done") {
      setOpen(false);
      setTyped("");
      if (answer.message) toast({ title: answer.message, tone: "green" });
    }
    return answer;
  }

  return (
    <Dialog trigger={trigger} title={title} open={open} onOpenChange={setOpen}>
      <Form action={act} toastOnDone={false} className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <div className="grid grid-cols-[minmax(0,1fr)] gap-4 text-sm">{children}</div>
        {typeToConfirm && (
          <div className="grid gap-1.5">
            <label htmlFor={id} className="text-sm">
              Type <strong className="font-mono select-all">{typeToConfirm}</strong> to confirm
            </label>
            <input
              id={id}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              autoComplete="off"
              spellCheck={false}
              className="control font-mono text-sm"
            />
          </div>
        )}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={() => setOpen(false)}>Keep as it is</Button>
          <SubmitButton variant={tone} disabled={!certain}>
            {confirmLabel}
          </SubmitButton>
        </div>
      </Form>
    </Dialog>
  );
}
