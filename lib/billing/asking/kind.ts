import type { z } from "zod";
import type { Tx } from "#db/client.ts";
import type { commands } from "#db/schema/commands.ts";
import type { Gateway } from "../../gateways/adapter.ts";
import type { Asking } from "../../gateways/asking.ts";
import type { ObjectRef } from "../../gateways/gateway.ts";

export type CommandRow = typeof commands.$inferSelect;

/** Whose command it is. Those about the catalogue are nobody's, and never ask. */
export function organizationIdOf({ id, organizationId }: CommandRow): string {
  if (organizationId === null) throw new Error(`Command ${id} is no organization's.`);
  return organizationId;
}

/** What sending a command may use. */
export type Errand = Asking & { readonly gateway: Gateway; readonly command: CommandRow };

/** What a gateway answered to a command, in our words. */
export type Sent = {
  /** `needs_person`: nothing more happens before somebody approves or pays on the gateway's page. */
  readonly status: "done" | "needs_person" | "refused";
  /** For the person who asked: "Plan updated, $12.00 charged today." */
  readonly sentence: string;
  readonly answer: Readonly<Record<string, unknown>>;
  /** What it changed at the gateway, to be synced. */
  readonly touched: readonly ObjectRef[];
};

/** What follows when a command is settled; `unknown` where nobody can say what became of it. */
export type Afterwards = (
  tx: Tx,
  command: CommandRow,
  sent: Pick<Sent, "answer"> & { readonly status: Sent["status"] | "unknown" },
) => Promise<void>;

/** One thing that can be asked, by what was planned when it was. */
export type Kind = (errand: Errand, plan: unknown) => Promise<Sent>;

/**
 * Makes one. `send` must make the same calls whenever it is sent again: everything that they are made
 * of stands in the plan, or in what the gateway answered to an earlier step.
 */
export function kind<Plan extends z.ZodType>(
  plan: Plan,
  send: (errand: Errand, plan: z.output<Plan>) => Promise<Sent>,
): Kind {
  return (errand, planned) => send(errand, plan.parse(planned));
}
