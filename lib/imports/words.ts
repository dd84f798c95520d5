import type { Reason } from "./rules.ts";

/** Why a customer was not matched, and what mends it. */
export function reasonInWords(
  reason: Reason | null,
  about: { email: string | null; claim: string | null; candidates: readonly string[] },
): string {
  switch (reason) {
    case null:
      return "The import did not come to it.";
    case "deleted":
      return "It was deleted at the gateway.";
    case "unlinked":
      return "An administrator unlinked it, so only a person links it again.";
    case "unknown_claim":
      return `It names “${about.claim}”, which is no organization here. Make that one, then import again; or link it by hand.`;
    case "no_email":
      return "Nothing names its organization, and it has no e-mail address.";
    case "unknown_email":
      return `Nothing names its organization, and none here has the address ${about.email}.`;
    case "ambiguous":
      return `Several organizations have the address ${about.email}: ${about.candidates.join(", ")}.`;
    case "not_synced":
      return "The gateway has not answered for it yet; it is asked for again by itself.";
  }
}
