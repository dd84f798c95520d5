import {
  Ban,
  CalendarClock,
  CircleCheck,
  CircleDashed,
  CirclePause,
  CircleX,
  Clock,
  FilePen,
  GitMerge,
  Hourglass,
  Info,
  type LucideIcon,
  RotateCw,
  ShieldCheck,
  ShieldX,
  TriangleAlert,
  Undo2,
  Unlink,
} from "lucide-react";

export type Tone = "green" | "blue" | "amber" | "red" | "grey";

export const TONE_ICONS: Record<Tone, LucideIcon> = {
  green: CircleCheck,
  blue: Info,
  amber: TriangleAlert,
  red: CircleX,
  grey: CircleDashed,
};

type Look = readonly [tone: Tone, Icon?: LucideIcon, word?: string];

/** Every status word in the product. Its sentence belongs to the page; here are its colour and icon. */
const STATUSES: Readonly<Record<string, Look>> = {
  // Subscriptions.
  incomplete: ["amber", Hourglass],
  trialing: ["blue", CalendarClock],
  active: ["green"],
  past_due: ["amber"],
  unpaid: ["red"],
  paused: ["grey", CirclePause],
  canceled: ["grey", Ban, "Cancelled"],
  canceling: ["grey", CalendarClock, "Cancelled"],
  incomplete_expired: ["grey", Ban, "Expired"],
  // Gateway events and syncs.
  received: ["blue", Clock],
  processing: ["blue", RotateCw],
  pending: ["blue", Clock],
  processed: ["green"],
  ignored: ["grey", Ban],
  unmatched: ["amber", Unlink],
  waiting: ["amber", Hourglass],
  not_yet: ["amber", Hourglass],
  retrying: ["amber", RotateCw],
  conflict: ["amber", GitMerge],
  parked: ["red", CirclePause],
  failed: ["red"],
  unknown: ["grey", CircleDashed, "Unknown type"],
  // Verdicts on signatures.
  proven: ["green", ShieldCheck],
  unverified: ["amber", Hourglass],
  refused: ["red", ShieldX],
  // Invoices.
  draft: ["grey", FilePen],
  open: ["blue", Clock],
  paid: ["green"],
  void: ["grey", Ban],
  uncollectible: ["red"],
  // Payments, refunds, disputes.
  succeeded: ["green"],
  requires_action: ["amber", TriangleAlert, "Needs action"],
  requires_payment_method: ["amber", TriangleAlert, "Needs a payment method"],
  refunded: ["grey", Undo2],
  partially_refunded: ["grey", Undo2, "Partly refunded"],
  disputed: ["amber"],
  needs_response: ["amber"],
  under_review: ["blue", Clock],
  won: ["green"],
  lost: ["red"],
  // Checkouts, deliveries, secrets, keys, people.
  complete: ["green"],
  completed: ["green"],
  expired: ["grey", Ban],
  delivered: ["green"],
  scheduled: ["blue", CalendarClock],
  retired: ["grey", Ban],
  revoked: ["grey", Ban],
  disabled: ["grey", Ban],
  invited: ["blue", Clock],
};

export function describeStatus(status: string): { tone: Tone; word: string; Icon: LucideIcon } {
  const [tone, Icon, word] = STATUSES[status] ?? ["grey"];
  return { tone, Icon: Icon ?? TONE_ICONS[tone], word: word ?? humanize(status) };
}

/** A stored word as a person reads it: "past_due" is "Past due". */
function humanize(status: string): string {
  const words = status.replaceAll("_", " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
