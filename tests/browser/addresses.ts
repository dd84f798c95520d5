import type { Samples } from "./deployments.ts";

type Place = {
  org: string;
  organization: string;
  invoice: string;
  command: string;
  order: string;
  mail: string;
};

/** An address as the code has it, with the samples in the places of its parameters. */
export function filled(address: string, samples: Samples, place: Place): string {
  const area = /^\/(?:admin\/)?([\w-]+)/.exec(address)?.[1] ?? "";
  const ids: Record<string, string> = {
    customers: samples.customer,
    objects: samples.object,
    organizations: place.organization,
    plans: catalogued(address, samples),
    webhooks: address.includes("refused") ? samples.refused : samples.event,
    portal: address.includes("/orders/") ? place.order : place.invoice,
    mailbox: place.mail,
    api: place.organization,
  };
  return address
    .replace("[org]", place.org)
    .replace("[gateway]", "stripe")
    .replace("[command]", place.command)
    .replace("[token]", "a-link-that-nobody-was-mailed")
    .replace("[id]", ids[area] ?? "");
}

function catalogued(address: string, samples: Samples): string {
  if (address.includes("/products/")) return samples.product;
  return address.includes("tiers") ? samples.tier : samples.plan;
}
