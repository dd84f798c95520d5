import { z } from "zod";
import { absentWhenEmpty, checked, id, line, refusedField } from "../../input.ts";
import type { Asker } from "../asking/authority.ts";
import type { CommandRow } from "../asking/kind.ts";
import { askPayer } from "./commands.ts";
import { TAX_IDS_MAX, taxIdsAfter } from "./rules.ts";

const optional = (what: string, max: number) => absentWhenEmpty(line(what, max));

const detailsInput = z
  .object({
    organizationId: id,
    revision: z.string().max(64),
    name: optional("a name", 150),
    email: absentWhenEmpty(
      z.email("This is not an e-mail address.").max(254, "This is too long for an e-mail address."),
    ),
    line1: optional("a street", 200),
    line2: optional("a line", 200),
    postalCode: optional("a postal code", 20),
    city: optional("a city", 100),
    state: optional("a state", 100),
    country: absentWhenEmpty(z.string().regex(/^[A-Z]{2}$/, "Choose a country.")),
    taxIdKind: absentWhenEmpty(z.string().regex(/^[a-z_]{2,20}$/, "Choose a kind of tax id.")),
    taxId: optional("a tax id", 60),
    /** Those that are there and shall not be, by their names. */
    removedTaxIds: z.array(z.string().max(200)).max(100).default([]),
  })
  .check(({ value, issues }) => {
    const hasAddress = [value.line1, value.line2, value.postalCode, value.city, value.state];
    const refuse = (name: string, message: string) =>
      issues.push({ code: "custom", message, input: value, path: [name] });
    if (hasAddress.some(Boolean) && !value.country) refuse("country", "Choose a country.");
    if (value.taxId && !value.taxIdKind) refuse("taxIdKind", "Choose what kind of tax id it is.");
    if (value.taxIdKind && !value.taxId) refuse("taxId", "Enter the tax id, or choose no kind.");
  });

/**
 * Where the organization is billed, and under which tax ids, of which one may be added and any removed: kept
 * at the gateway, which writes the invoices.
 */
export async function saveBillingDetails(
  actor: Asker,
  input: z.input<typeof detailsInput>,
): Promise<CommandRow> {
  const { organizationId, revision, removedTaxIds, ...given } = checked(detailsInput, input);
  const { name = null, email = null } = given;
  const details = { name, email, address: addressOf(given) };
  const taxId = taxIdOf(given);
  return askPayer(
    actor,
    { organizationId, revision },
    {
      kind: "customer.set_details",
      wanted: { ...details, taxId, removedTaxIds: [...removedTaxIds].sort() },
      prepare: async (_, { customer }) => {
        const before = customer.details;
        const { after, added, removed } = taxIdsAfter(before?.taxIds ?? [], removedTaxIds, taxId);
        if (after.length > TAX_IDS_MAX) {
          throw refusedField(
            "taxId",
            `There are ${TAX_IDS_MAX} tax ids already. Remove one first.`,
          );
        }
        return {
          plan: {
            customerRef: customer.ref,
            details,
            addedTaxIds: added,
            removedTaxIds: removed,
          },
          deed: { subject: customer.ref, before, after: { ...details, taxIds: after } },
        };
      },
    },
  );
}

type Given = Omit<z.output<typeof detailsInput>, "organizationId" | "revision" | "removedTaxIds">;

function addressOf(given: Given) {
  const { line1 = null, line2 = null, postalCode = null, city = null, state = null } = given;
  return given.country ? { line1, line2, postalCode, city, state, country: given.country } : null;
}

function taxIdOf({ taxId, taxIdKind }: Given) {
  return taxId && taxIdKind ? { type: taxIdKind, value: taxId } : null;
}
