import type { Role } from "#lib/actor.ts";

const WORDS: Readonly<Record<Role, string>> = {
  owner: "Owner",
  billing: "Billing",
  member: "Member",
};

export function roleWord(role: Role): string {
  return WORDS[role];
}

/** What each role may do, as a choice in a form. */
export const ROLE_OPTIONS = [
  { value: "member", label: "Member: sees who belongs here" },
  { value: "billing", label: "Billing: also sees plan, invoices and payments" },
  { value: "owner", label: "Owner: also manages members" },
] as const;
