"use client";

import { useState } from "react";
import { Banner } from "#app/_ui/banner.tsx";
import { Button } from "#app/_ui/button.tsx";
import { CopyButton } from "#app/_ui/copy-button.tsx";
import { Dialog } from "#app/_ui/dialog.tsx";
import { TextField } from "#app/_ui/field.tsx";
import { Form } from "#app/_ui/form.tsx";
import type { FormState } from "#app/_ui/form-state.ts";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { create } from "./actions.ts";

/** Makes a key and shows it, once: closing the dialog forgets it. */
export function NewKey() {
  const [open, setOpen] = useState(false);
  const [key, setKey] = useState<string>();

  async function act(_: FormState, data: FormData): Promise<FormState> {
    const answer = await create(data);
    setKey(answer.key);
    return answer.state;
  }

  function change(next: boolean) {
    setOpen(next);
    if (!next) setKey(undefined);
  }

  return (
    <Dialog
      trigger={<Button variant="primary">Create key</Button>}
      title={key ? "Copy the key now" : "Create an API key"}
      open={open}
      onOpenChange={change}
    >
      {key ? (
        <div className="grid gap-4">
          <Banner tone="warning">
            It is shown this once. Keep it where your product keeps its secrets.
          </Banner>
          <div className="flex items-start gap-2">
            <code className="min-w-0 flex-1 rounded-md bg-sunken p-3 font-mono text-sm break-all select-all">
              {key}
            </code>
            <CopyButton text={key} label="Copy API key">
              Copy
            </CopyButton>
          </div>
          <Button onClick={() => change(false)}>Done</Button>
        </div>
      ) : (
        <Form action={act} toastOnDone={false}>
          <TextField
            name="label"
            label="What is it for?"
            hint="Such as: our app, production."
            required
            maxLength={80}
          />
          <SubmitButton>Create key</SubmitButton>
        </Form>
      )}
    </Dialog>
  );
}
