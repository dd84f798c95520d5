const DAY = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});

/**
 * The reason for a change of tier as its owner would say it: without ids of the gateway, which mean
 * nothing to them.
 */
export function inOwnersWords(because: string): string {
  if (because.includes(" is in no plan")) {
    return "Your subscription’s price is not set up here yet, so nothing changes for you.";
  }
  if (because === "No subscription entitles to more.") return "There is no active subscription.";
  const told = because
    .replace(/^Subscription \S+/, "Your subscription")
    .replace(/\bsubscription [a-z]+_\S+/g, "your subscription")
    .replace(", with grace until ", "; you keep it until ")
    .replace(" and its grace ended", " and the time to pay it ended")
    .replace(/\b\d{4}-\d{2}-\d{2}\b/g, (day) => DAY.format(new Date(day)));
  return /\b[a-z]+_[A-Za-z0-9]+/.test(told) ? "Your subscription changed." : told;
}
