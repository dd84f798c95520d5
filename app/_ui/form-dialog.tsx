"use client";

import { type ReactElement, type ReactNode, useState } from "react";
import { Dialog } from "./dialog.tsx";
import { Form, type FormAction } from "./form.tsx";
import type { FormState } from "./form-state.ts";
import { toast } from "./toast.tsx";

/** A short form above the page. It stays open with the reason when the action refuses, else it closes. */
export function FormDialog({
  trigger,
  title,
  description,
  action,
  children,
}: {
  trigger: ReactElement;
  title: ReactNode;
  description?: ReactNode;
  action: FormAction;
  /** The fields and the button that sends them. */
  children: ReactNode;
}) {
  const [open, setOpen] = useState(false);

  async function act(state: FormState, data: FormData): Promise<FormState> {
    const answer = await action(state, data);
    if (answer.outcome === "done") {
      setOpen(false);
      if (answer.message) toast({ title: answer.message, tone: "green" });
    }
    return answer;
  }

  return (
    <Dialog
      trigger={trigger}
      title={title}
      {...(description !== undefined && { description })}
      open={open}
      onOpenChange={setOpen}
    >
      <Form action={act} toastOnDone={false}>
        {children}
      </Form>
    </Dialog>
  );
}
