import { setTimeout as pause } from "node:timers/promises";
import { verify } from "#lib/gateways/stripe/verify.ts";
import { signed, testSecret } from "#tests/support/stripe-objects.ts";
import type { Contender } from "../contenders.ts";
import type { Figure, Stand } from "../figure.ts";
import { ingest, metered, mustAllBe, storedEvents, type Turn, WEBHOOKS } from "../intake.ts";
import { decimals, median, medianAndRange, percentile, table, whole } from "../numbers.ts";

const AIM = 0.5;
const VERIFICATIONS = 100_000;
const BODY = Buffer.alloc(2_048, "x");

type Round = { readonly accepted: Turn; readonly refused: Turn; readonly keptRows: number };
/** Nanoseconds of one refusal, by where the signature was wrong. */
type Timing = Readonly<Record<"first" | "last", { p50: number; p99: number }>>;
type RefusalsRun = { readonly rounds: readonly Round[]; readonly timing: Timing };

/** What a forgery costs, beside what a genuine event costs; and whether its time tells anything. */
export const refusals: Figure<RefusalsRun> = {
  name: "refusals",
  heading: "Refused signatures",
  async measure(stand) {
    const billhook = await stand.startBillhook("web");
    await ingest(stand, billhook, "warm", { seconds: 3 });
    const rounds: Round[] = [];
    for (let number = 1; number <= stand.rounds; number++) {
      const accepted = await ingest(stand, billhook, `accepted-${number}`);
      const { refused, keptRows } = await forge(stand, billhook, `refused-${number}`);
      rounds.push({ accepted, refused, keptRows });
      stand.say(
        `round ${number}: ${ratioOf({ accepted, refused })?.toFixed(2)} of an accepted event`,
      );
    }
    stand.say("comparing the times of wrong signatures …");
    return { rounds, timing: timeSignatures() };
  },
  report({ rounds, timing }) {
    const ratios = rounds.flatMap((round) => ratioOf(round) ?? []);
    const { first, last } = timing;
    return {
      figures: [
        ratios.length > 0
          ? {
              what: "processor time of a refused signature ÷ of an accepted event",
              measured: medianAndRange(ratios, "times", decimals(2)),
              aim: `at most ${AIM} times`,
              holds: median(ratios) <= AIM,
            }
          : {
              what: "processor time of a refused signature ÷ of an accepted event",
              measured: "this system does not tell",
              aim: `at most ${AIM} times`,
            },
        {
          what: "time to refuse a signature whose last byte is wrong − whose first byte is wrong",
          measured: `${signedNs(last.p50 - first.p50)} of ${whole(first.p50)} ns`,
        },
      ],
      body: bodyOf({ rounds, timing }),
    };
  },
};

/** Events that are signed with a secret nobody knows. What is refused is kept or counted, and all of it. */
async function forge(stand: Stand, billhook: Contender, run: string) {
  const { sql } = stand;
  const [events, before] = [await storedEvents(sql), await told()];
  const refused = await metered(stand, billhook, () =>
    stand.load(billhook, WEBHOOKS, { secret: "whsec_forged", run, events: 120_000 }),
  );
  mustAllBe("400", refused);
  if ((await storedEvents(sql)) !== events) throw new Error("A forged event was stored.");
  const count = refused.answers["400"] ?? 0;
  const deadline = performance.now() + 10_000;
  for (;;) {
    const after = await told();
    if (after.kept + after.counted === before.kept + before.counted + count) {
      return { refused, keptRows: after.kept - before.kept };
    }
    if (performance.now() > deadline) throw new Error("Refused requests were not all counted.");
    await pause(100);
  }

  async function told() {
    const [row] = await sql<{ kept: number; counted: number }[]>`
      select (select count(*)::int from refused_requests) as kept,
        (select coalesce(sum(dropped), 0)::int from refused_counts) as counted`;
    return row ?? { kept: 0, counted: 0 };
  }
}

/** The verifying function itself, on wrong signatures in turns, each first in every second turn. */
function timeSignatures(): Timing {
  const now = new Date();
  const right = signed(BODY, testSecret.secret, { at: now });
  const at = right.indexOf("v1=") + 3;
  const wrongAt = (place: number) =>
    right.slice(0, place) + (right[place] === "0" ? "1" : "0") + right.slice(place + 1);
  const kinds = [
    { header: wrongAt(at), times: new Float64Array(VERIFICATIONS) },
    { header: wrongAt(right.length - 1), times: new Float64Array(VERIFICATIONS) },
  ] as const;
  for (let turn = -VERIFICATIONS / 10; turn < VERIFICATIONS; turn++) {
    for (const kind of turn % 2 === 0 ? kinds : kinds.toReversed()) {
      const request = {
        gateway: "stripe",
        headers: { "stripe-signature": kind.header },
        body: BODY,
      };
      const began = process.hrtime.bigint();
      const verdict = verify(request, [testSecret], now);
      const took = Number(process.hrtime.bigint() - began);
      if (verdict.kind !== "refused") throw new Error("A wrong signature was believed.");
      if (turn >= 0) kind.times[turn] = took;
    }
  }
  const [first, last] = kinds.map(({ times }) => ({
    p50: median([...times]),
    p99: percentile([...times], 0.99),
  }));
  if (!first || !last) throw new Error("Nothing was timed.");
  return { first, last };
}

function ratioOf({ accepted, refused }: Pick<Round, "accepted" | "refused">): number | undefined {
  return accepted.cpuMsEach && refused.cpuMsEach && refused.cpuMsEach / accepted.cpuMsEach;
}

function bodyOf({ rounds, timing: { first, last } }: RefusalsRun): string {
  const rows = rounds.map(({ accepted, refused, keptRows }, place) => [
    place + 1,
    whole(accepted.perSecond),
    whole(refused.answeredPerSecond),
    accepted.cpuMsEach?.toFixed(3) ?? "–",
    refused.cpuMsEach?.toFixed(3) ?? "–",
    ratioOf({ accepted, refused })?.toFixed(2) ?? "–",
    whole(keptRows),
  ]);
  const head = [
    "round",
    "accepted /s",
    "refused /s",
    "processor ms, accepted",
    "processor ms, refused",
    "ratio",
    "kept as rows",
  ];
  return `Events of 2 KB, in turns signed with the endpoint's secret and with another, every connection always busy: then
accepted events share their commits best, and the comparison is the hardest. The processor time is that of the
web process and of PostgreSQL's processes behind its connections. Every refused request must be kept as a row or
counted, and no forged event stored; rows are kept for some a second and the rest is only counted.

${table(head, rows)}

Whether the time that a refusal takes tells how much of a signature was right: ${whole(VERIFICATIONS)} calls of the verifying
function with a signature whose first byte is wrong and as many whose last byte is, in turns. Medians ${whole(first.p50)} and
${whole(last.p50)} ns, 99th percentiles ${whole(first.p99)} and ${whole(last.p99)} ns.`;
}

function signedNs(nanoseconds: number): string {
  return `${nanoseconds < 0 ? "−" : "+"}${Math.abs(nanoseconds).toFixed(0)} ns`;
}
