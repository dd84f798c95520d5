import type { Sql } from "#db/client.ts";
import type { EventFilter } from "#lib/inbox/views.ts";
import { type PageRequest, writePosition } from "#lib/keyset.ts";
import { DAY } from "#lib/time.ts";
import type { FilledLog } from "./log-fill.ts";

/** One page of the log, with other values at each turn. */
export type Asked = {
  readonly name: string;
  ask(turn: number): readonly [EventFilter, PageRequest?];
  /** Whether there are such events at all; where not, a page with any would be wrong. */
  readonly finds?: "some" | "none" | undefined;
};

const NEVER = "account.updated";
const RARE = "charge.dispute.created";
const USUAL = [
  "invoice.paid",
  "customer.subscription.updated",
  "charge.succeeded",
  "customer.updated",
];
const SOMETIMES = ["charge.refunded", "customer.subscription.deleted", "customer.created"];
const TEST = { mode: "test" } as const;

/** Every filter that the page offers, alone and together, in the mode that is shown unless one says else. */
export async function pagesAsked(sql: Sql, log: FilledLog): Promise<Asked[]> {
  const places = await positions(sql, log);
  const of = <T>(values: readonly T[], turn: number) => values[turn % values.length] as T;
  const week = (turn: number) => {
    const from = new Date(Date.now() - (80 - ((turn * 7) % 70)) * DAY);
    return { from, until: new Date(from.getTime() + 7 * DAY) };
  };
  const both = (name: string, filter: (turn: number) => EventFilter, finds?: "some" | "none") => [
    { name, ask: (turn: number) => [{ ...TEST, ...filter(turn) }] as const, finds },
    {
      name: `${name}, far in`,
      ask: (turn: number) => [{ ...TEST, ...filter(turn) }, { before: of(places, turn) }] as const,
      finds: finds === "none" ? finds : undefined,
    },
  ];
  const page = (name: string, filter: (turn: number) => EventFilter, finds?: "some" | "none") => ({
    name,
    ask: (turn: number) => [filter(turn)] as const,
    finds,
  });
  return [
    ...both("the newest", () => ({}), "some"),
    {
      name: "towards newer ones, from far in",
      ask: (turn) => [TEST, { after: of(places, turn) }],
      finds: "some",
    },
    page("of both modes", () => ({}), "some"),
    page("of a week", (turn) => ({ ...TEST, ...week(turn) }), "some"),
    ...both("of one type", (turn) => ({ type: of(USUAL, turn) }), "some"),
    ...both("of a rare type", () => ({ type: RARE }), "some"),
    page("of a type that never came", () => ({ ...TEST, type: NEVER }), "none"),
    page(
      "of one type, a week",
      (turn) => ({ ...TEST, ...week(turn), type: of(USUAL, turn) }),
      "some",
    ),
    ...both("of another gateway", () => ({ gateway: "paypal" }), "some"),
    ...both("of a gateway that never rang", () => ({ gateway: "mollie" }), "none"),
    ...both("of the other mode", () => ({ mode: "live" }), "some"),
    ...both("of the other mode, and one type", (turn) => ({
      mode: "live",
      type: of(SOMETIMES, turn),
    })),
    page("of another gateway, the other mode, one type and a status", (turn) => ({
      mode: "live",
      gateway: "paypal",
      type: of(USUAL, turn),
      status: "failed",
    })),
    ...(["parked", "unmatched", "ignored", "failed", "unknown", "conflict"] as const).map(
      (status) => page(`${status}`, () => ({ ...TEST, status }), "some"),
    ),
    ...both("processed", () => ({ status: "processed" }), "some"),
    ...both("received, which the newest are", () => ({ status: "received" })),
    ...both("of one type, parked", (turn) => ({ type: of(USUAL, turn), status: "parked" }), "some"),
    page(
      "of a type that is always ignored, processed",
      () => ({ ...TEST, type: "price.updated", status: "processed" }),
      "none",
    ),
    page(
      "of one type, a gateway that never rang, and a status",
      (turn) => ({ ...TEST, type: of(USUAL, turn), gateway: "mollie", status: "processed" }),
      "none",
    ),
    ...both("of one organization", (turn) => ({ organizationId: of(log.organizations, turn) })),
    page("of one organization, and a rare type", (turn) => ({
      ...TEST,
      organizationId: of(log.organizations, turn),
      type: RARE,
    })),
    page("of one organization, other mode", (turn) => ({
      mode: "live",
      organizationId: of(log.organizations, turn),
    })),
    ...both("of a huge organization", () => ({ organizationId: log.hugeOrganization }), "some"),
    ...both("of a huge organization, a rare type and a status", () => ({
      organizationId: log.hugeOrganization,
      type: RARE,
      status: "parked",
    })),
    page(
      "of an organization that has none",
      () => ({ ...TEST, organizationId: "org_01k9zzzzzzzzzzzzzzzzzzzzzz" }),
      "none",
    ),
    page(
      "with the gateway’s event id",
      (turn) => ({
        search: log.refAt(Math.floor((log.count * (turn % 97)) / 97)),
      }),
      "some",
    ),
    page("with an id that is nothing’s", (turn) => ({ search: `sub_nothing${turn}` }), "none"),
    page(
      "about one object",
      (turn) => ({ search: `sub_bencha${(turn * 37) % (log.count / 16)}` }),
      "some",
    ),
    page("about a busy object", () => ({ search: "sub_busy" }), "some"),
    {
      name: "about a busy object, far in",
      ask: (turn) => [{ search: "sub_busy" }, { before: of(places, turn) }],
    },
    page("about a busy object, and a rare type", () => ({ search: "sub_busy", type: RARE })),
    page("about a customer with 200 objects", () => ({ search: log.customerRef }), "some"),
  ];
}

/** Places all through the log, none of them near its ends. */
async function positions(sql: Sql, log: FilledLog): Promise<string[]> {
  const refs = Array.from({ length: 60 }, (_, n) =>
    log.refAt(Math.floor(log.count * (0.1 + (0.8 * ((n * 17) % 60)) / 60))),
  );
  const rows = await sql<{ id: string; micros: string }[]>`
    select id, (extract(epoch from received_at) * 1000000)::bigint::text as micros
    from unnest(${refs}::text[]) with ordinality as wanted (ref, place)
    join webhook_events on event_ref = ref order by place`;
  return rows.map(({ id, micros }) => writePosition(micros, id));
}
