import type { JobKind } from "#lib/jobs/queues.ts";

/** What each kind of job does, for people. */
export const JOB_WORDS: Readonly<Record<JobKind, string>> = {
  "mail.send": "Send a mail",
  "notice.send": "Send a notice to customers",
  "inbox.verify-again": "Verify refused requests again",
  "inbox.ring-all": "Fetch everything that is known",
  "catalogue.read": "Read what a gateway has on sale",
  "reconcile.gaps": "Look for events that never came",
  "reconcile.subscriptions": "Compare subscriptions with the gateway",
  "reconcile.catalogue": "Begin to read what gateways have on sale",
  "import.go-on": "Import customers from a gateway",
  "notice.expiring-cards": "Tell customers of cards that expire",
  "notice.ending-comps": "Tell customers of what ends that was free of charge",
  retention: "Delete what is too old",
  partitions: "Make months of the event log",
};
