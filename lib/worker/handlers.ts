import { forgetOldQuotes } from "../billing/changing/store.ts";
import { goOnReading } from "../billing/selling/reading.ts";
import { forgetOldReadings } from "../billing/selling/reading-store.ts";
import { forgetExpired } from "../identity/retention.ts";
import { goOn } from "../imports/run.ts";
import { forgetOldMonths } from "../inbox/old-months.ts";
import { ensurePartitions } from "../inbox/partitions.ts";
import { forgetOldDeliveries } from "../inbox/retention.ts";
import { ringAll } from "../inbox/ring.ts";
import { verifyAgain } from "../inbox/verify-again.ts";
import type { Handlers, Run } from "../jobs/work.ts";
import { noteEndingComps, noteExpiringCards } from "../notices/coming-store.ts";
import { sendMail, sendNotice, tellGivenUp } from "../notices/send.ts";
import { deleteOldAlerts, queueForgotten } from "../notices/store.ts";
import { compareEverywhere, findGapsEverywhere, readEverywhere } from "../reconcile/every-place.ts";
import { forgetOldGaps } from "../reconcile/store.ts";
import { productSettings } from "../settings/views.ts";

/** What each kind of job does. Every one of them may run a second time. */
export const handlers: Handlers = {
  "mail.send": sendMail,
  "notice.send": sendNotice,
  "inbox.verify-again": async ({ gateway }) => {
    await verifyAgain(gateway);
  },
  "inbox.ring-all": async ({ gateway, mode }) => {
    await ringAll(gateway, mode);
  },
  "catalogue.read": ({ gateway, mode }, { signal }) => goOnReading({ gateway, mode }, signal),
  "reconcile.gaps": (_, { signal }) => findGapsEverywhere(signal),
  "reconcile.subscriptions": compareEverywhere,
  "reconcile.catalogue": readEverywhere,
  "import.go-on": goOn,
  "notice.expiring-cards": async () => {
    await noteExpiringCards(new Date());
  },
  "notice.ending-comps": async () => {
    await noteEndingComps(new Date());
  },
  retention: (_, run) => tidy(run),
  partitions: async () => {
    await ensurePartitions(new Date());
  },
  gaveUp: tellGivenUp,
};

async function tidy({ signal }: Run): Promise<void> {
  await forgetOldDeliveries(signal);
  const { monthsKept: months } = await productSettings();
  await forgetOldMonths({ now: new Date(), months }, signal);
  await forgetExpired();
  await forgetOldQuotes();
  await forgetOldReadings();
  await deleteOldAlerts();
  await forgetOldGaps();
  await queueForgotten();
}
