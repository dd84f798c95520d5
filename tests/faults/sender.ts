import { Agent, request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { signed } from "#tests/support/stripe-objects.ts";
import type { Random } from "./random.ts";
import type { Story, Told } from "./story.ts";

/** What the sender knows by itself: nobody's database is asked. */
export type Journal = {
  readonly sent: Map<string, Told>;
  /** When each event was acknowledged for the first time (`performance.now()`). */
  readonly acked: Map<string, number>;
  /** Answers by status, and what kept one from coming, by its code. */
  readonly answers: Map<string, number>;
  slowestMs: number;
};

export type Sender = {
  readonly journal: Journal;
  /** Events per second from now on; zero holds back new ones, not what is to be sent again. */
  pace(perSecond: number): void;
  /** Who is told about: one organization in this share of the events, for floods. */
  favour(organization: number, share: number): void;
  /** Posts one event until it is acknowledged. */
  deliver(told: Told): Promise<void>;
  /** Ends: the story's last events are told, and everything is sent until it is acknowledged. */
  finish(limitMs: number): Promise<void>;
  abandon(): Promise<void>;
};

export type SenderOptions = {
  readonly story: Story;
  readonly secret: string;
  /** Ports to post to; after a failure the next one is tried. */
  readonly ports: readonly number[];
  readonly random: Random;
  readonly perSecond: number;
  /** Before the first try: in fetch mode the gateway knows the object before it tells of it. */
  readonly before: (told: Told) => void;
};

const SENDERS = 16;
const ANSWER_WITHIN_MS = 10_000;
/** A gateway delivers at least once: sometimes twice, although the first was acknowledged. */
const REPEATS = 0.05;

/** Posts events as a gateway does: anything but 2xx is sent again later. */
export function startSender(options: SenderOptions): Sender {
  const { story, random, secret, ports } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: SENDERS * 2 });
  const journal: Journal = {
    sent: new Map(),
    acked: new Map(),
    answers: new Map(),
    slowestMs: 0,
  };
  let rate = options.perSecond;
  let favoured: { organization: number; share: number } | undefined;
  let phase: "telling" | "ending" | "over" = "telling";
  let due = performance.now();
  let turn = 0;

  async function deliver(told: Told): Promise<void> {
    if (!journal.sent.has(told.id)) options.before(told);
    journal.sent.set(told.id, told);
    while (phase !== "over") {
      const port = ports[turn % ports.length] ?? 0;
      const began = performance.now();
      const answer = await post(agent, port, told.body, secret);
      journal.slowestMs = Math.max(journal.slowestMs, performance.now() - began);
      journal.answers.set(answer, (journal.answers.get(answer) ?? 0) + 1);
      if (answer.startsWith("2")) {
        if (!journal.acked.has(told.id)) journal.acked.set(told.id, performance.now());
        return;
      }
      turn += 1;
      // Where another door is open, a balancer goes there at once.
      if (answer !== "ECONNREFUSED" || ports.length === 1) await pause(random.between(50, 150));
    }
  }

  async function tell(): Promise<void> {
    while (phase === "telling") {
      const now = performance.now();
      if (rate === 0 || due > now) {
        await pause(rate === 0 ? 20 : Math.min(due - now, 50));
        continue;
      }
      due = Math.max(due, now - 200) + 1_000 / rate;
      const isFavoured = favoured && random.chance(favoured.share);
      const told = story.next(isFavoured ? favoured?.organization : undefined);
      await deliver(told);
      if (random.chance(REPEATS)) await deliver(told);
    }
  }

  const senders = Array.from({ length: SENDERS }, tell);
  const stop = async () => {
    phase = "over";
    await Promise.all(senders);
    agent.destroy();
  };
  return {
    journal,
    deliver,
    pace: (perSecond) => {
      rate = perSecond;
      due = performance.now();
    },
    favour: (organization, share) => {
      favoured = { organization, share };
    },
    async finish(limitMs) {
      phase = "ending";
      const limit = setTimeout(() => {
        phase = "over";
      }, limitMs);
      await Promise.all(senders);
      for (const told of story.ending()) await deliver(told);
      clearTimeout(limit);
      await stop();
    },
    abandon: stop,
  };
}

/** The status as text, or the code of what went wrong on the way. */
function post(agent: Agent, port: number, body: Buffer, secret: string): Promise<string> {
  return new Promise((resolve) => {
    const headers = {
      "content-type": "application/json",
      "content-length": body.length,
      "stripe-signature": signed(body, secret),
    };
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const where = { host: "127.0.0.1", port, path: "/api/webhooks/stripe", method: "POST" };
    const asked = request({ ...where, agent, headers, signal }, (answer) => {
      answer.resume();
      answer.on("end", () => resolve(String(answer.statusCode)));
      answer.on("error", (error) => resolve(codeOf(error)));
    });
    asked.on("error", (error) => resolve(codeOf(error)));
    asked.end(body);
  });
}

function codeOf(error: Error): string {
  if (error.name === "AbortError" || error.name === "TimeoutError") return "no answer";
  return "code" in error ? String(error.code) : error.message;
}
