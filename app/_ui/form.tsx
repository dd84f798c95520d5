"use client";

import {
  createContext,
  type FormEvent,
  type ReactNode,
  startTransition,
  use,
  useActionState,
  useEffect,
  useRef,
} from "react";
import { ErrorNotice } from "./error-notice.tsx";
import { type FormState, noState } from "./form-state.ts";
import { toast } from "./toast.tsx";

export type FormAction = (state: FormState, data: FormData) => Promise<FormState>;

const Answer = createContext<FormState>(noState);

/** The action's last answer, for the fields inside the form. */
export function useAnswer(): FormState {
  return use(Answer);
}

/**
 * A form around a server action. After a refusal what was typed stays, the first wrong field has the
 * focus, and the reason stands above; without scripts the same form posts and the page comes back.
 */
export function Form({
  action,
  children,
  className = "grid grid-cols-[minmax(0,1fr)] gap-5",
  resetOnDone = false,
  toastOnDone = true,
}: {
  action: FormAction;
  children: ReactNode;
  className?: string;
  resetOnDone?: boolean;
  toastOnDone?: boolean;
}) {
  // Without scripts the browser posts to the action itself; with them the answer is told at once,
  // because the page that comes with it may hold no such form any more.
  const [posted, post] = useActionState(action, noState);
  const [state, dispatch, pending] = useActionState(tell, posted);
  const form = useRef<HTMLFormElement>(null);

  async function tell(before: FormState, data: FormData): Promise<FormState> {
    const answer = await action(before, data);
    const isNews = answer.outcome === "done" && toastOnDone && answer.message;
    if (isNews) toast({ title: isNews, tone: answer.isUnfinished ? "amber" : "green" });
    return answer;
  }

  useEffect(() => {
    if (state.outcome === "refused") focusFirstProblem(form.current);
    if (state.outcome === "done" && resetOnDone) form.current?.reset();
  }, [state, resetOnDone]);

  // Sent by hand, because React empties a form that it sends itself.
  function send(event: FormEvent<HTMLFormElement>) {
    // React lets events of a dialog's form rise through the form that the dialog was opened from.
    if (event.target !== event.currentTarget) return;
    event.preventDefault();
    if (pending) return;
    const native = event.nativeEvent;
    const submitter = native instanceof SubmitEvent ? native.submitter : null;
    const data = new FormData(event.currentTarget, submitter);
    startTransition(() => dispatch(data));
  }

  return (
    <form ref={form} action={post} onSubmit={send} className={className}>
      <Answer value={state}>
        {state.outcome === "refused" && state.message && (
          <div data-form-problem tabIndex={-1}>
            <ErrorNotice title={state.message} reference={state.reference} />
          </div>
        )}
        {children}
      </Answer>
    </form>
  );
}

function focusFirstProblem(form: HTMLFormElement | null) {
  const problem =
    form?.querySelector<HTMLElement>("[aria-invalid=true]") ??
    form?.querySelector<HTMLElement>("[data-form-problem]");
  problem?.focus();
}
