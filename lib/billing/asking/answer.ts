import { z } from "zod";
import type { CommandRow } from "./kind.ts";

/** Where the gateway's own page about an answer is, if it named one. */
export function urlIn(answer: CommandRow["answer"] | undefined): string | null {
  return typeof answer?.url === "string" ? answer.url : null;
}

/** Why a person is needed, if one is: `authentication`, `declined`, `no_method` or `processing`. */
export function becauseIn(answer: CommandRow["answer"] | undefined): string | null {
  return typeof answer?.because === "string" ? answer.because : null;
}

const change = z.object({ to: z.object({ priceRef: z.string(), quantity: z.number() }) });

/** What a command asked a subscription to become, where it asked that. */
export function askedToBecome({ plan }: CommandRow): z.output<typeof change>["to"] | undefined {
  return change.safeParse(plan).data?.to;
}

const opened = z.object({ ref: z.string(), url: z.string() });

/** The gateway's page that a command opened: its id, and where it is. */
export function pageOf({
  answer,
}: Pick<CommandRow, "answer">): z.output<typeof opened> | undefined {
  return opened.safeParse(answer).data;
}
