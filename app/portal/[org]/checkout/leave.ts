import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { safeLink } from "#app/_billing/safe-link.ts";

/**
 * Sends somebody to a page of the gateway's, or to `here` where there is none. Without scripts a form
 * may not lead to another site, not even by a redirect: then `here`, asked to go on, leads there.
 */
export async function leave(url: string | undefined, here: string): Promise<never> {
  const to = safeLink(url);
  if (!to) redirect(here);
  const isByScript = (await headers()).has("next-action");
  redirect(isByScript ? to : `${here}?go=1`);
}
