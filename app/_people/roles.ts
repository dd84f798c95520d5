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
  { value: "member", label: "Member: sees who is here" },
  { value: "billing", label: "Billing: sees the bills too" },
  { value: "owner", label: "Owner: manages members too" },
] as const;
