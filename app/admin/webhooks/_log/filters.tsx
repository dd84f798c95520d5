import type { Address } from "#app/_server/address.ts";
import { FilterBar } from "#app/_ui/filter-bar.tsx";
import { gatewayNames } from "#lib/gateways/registry.ts";
import { EVENT_STATUSES } from "#lib/inbox/views.ts";
import { organizationFilter } from "../../_parts/owned-filters.ts";
import { EVENT_WORDS, REFUSAL_WORDS, sentenceCase } from "../../_parts/words.ts";

const GATEWAYS = gatewayNames.map((name) => ({ value: name, label: sentenceCase(name) }));

const DATES = (address: Address) => [
  { kind: "date" as const, name: "from", label: "From (UTC)", value: address.from },
  { kind: "date" as const, name: "until", label: "Until (UTC)", value: address.until },
];

/** Narrows the log of genuine events. */
export function EventFilters({ address, mode }: { address: Address; mode: "test" | "live" }) {
  return (
    <FilterBar
      action="/admin/webhooks"
      search={{
        name: "q",
        label: "Id",
        placeholder: "evt_…, sub_…, cus_… or gev_…",
        value: address.q,
      }}
      filters={[
        {
          name: "status",
          label: "Status",
          options: EVENT_STATUSES.map((value) => ({ value, label: EVENT_WORDS[value].word })),
          value: address.status,
        },
        {
          kind: "text",
          name: "type",
          label: "Type",
          placeholder: "invoice.paid",
          value: address.type,
        },
        organizationFilter(address.organization),
        { name: "gateway", label: "Gateway", options: GATEWAYS, value: address.gateway },
        {
          name: "mode",
          label: "Mode",
          any: mode === "test" ? "As shown: test" : "As shown: live",
          options: [
            { value: "test", label: "Test" },
            { value: "live", label: "Live" },
            { value: "both", label: "Both" },
          ],
          value: address.mode,
        },
        ...DATES(address),
      ]}
    />
  );
}

/** Narrows the list of requests that were not believed. */
export function RefusedFilters({ address }: { address: Address }) {
  return (
    <FilterBar
      action="/admin/webhooks"
      keep={{ verdict: "refused" }}
      filters={[
        {
          name: "refusal",
          label: "Verdict",
          options: Object.entries(REFUSAL_WORDS).map(([value, label]) => ({ value, label })),
          value: address.refusal,
        },
        { name: "gateway", label: "Gateway", options: GATEWAYS, value: address.gateway },
        ...DATES(address),
      ]}
    />
  );
}
