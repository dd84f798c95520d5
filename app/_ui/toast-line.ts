export type ToastMessage = {
  title: string;
  description?: string;
  tone?: "green" | "amber" | "red" | "grey";
  /** Offers to take it back for as long as the toast stands. */
  undo?: () => void;
};

/*
 * Between whoever says something and the place where toasts appear, which is loaded with the first one.
 */

let shownBy: ((message: ToastMessage) => void) | undefined;
const waiting: ToastMessage[] = [];
const listeners = new Set<() => void>();

/** Says briefly what happened. Anything that a person must still read belongs on the page instead. */
export function toast(message: ToastMessage): void {
  if (shownBy) {
    shownBy(message);
    return;
  }
  waiting.push(message);
  for (const hear of listeners) hear();
}

/** Whether anything was ever said on this page. */
export function isAnythingSaid(): boolean {
  return shownBy !== undefined || waiting.length > 0;
}

export function whenSaid(hear: () => void): () => void {
  listeners.add(hear);
  return () => listeners.delete(hear);
}

/** Whatever shows toasts takes over what waited for it. */
export function takeToasts(show: (message: ToastMessage) => void): void {
  shownBy = show;
  for (const message of waiting.splice(0)) show(message);
}
