import type { z } from "zod";
import type { World } from "../state/world.ts";

/** One call of the API, with its parameters read and checked. */
export type Call<Params = unknown> = {
  readonly world: World;
  readonly params: Params;
  /** What the address names, such as `{ id: "sub_1" }`. */
  readonly path: Readonly<Record<string, string>>;
  /** Where this sandbox is reached, such as `http://127.0.0.1:12111`; for links to its own pages. */
  readonly origin: string;
};

/** What an operation answers: an object or a page of a list. Expanding and older shapes come after it. */
export type Operation = {
  readonly method: "GET" | "POST" | "DELETE";
  /** With named parts, such as `/v1/customers/:id`. */
  readonly path: string;
  readonly params: z.ZodType;
  /** Runs as one piece: an error undoes everything it did. */
  readonly run: (call: Call) => object;
};

/** Ties an operation's parameters to what its `run` is handed. */
export function operation<Schema extends z.ZodType>(
  address: `${Operation["method"]} /v1/${string}`,
  params: Schema,
  run: (call: Call<z.output<Schema>>) => object,
): Operation {
  const [method, path] = address.split(" ");
  if (!isMethod(method) || path === undefined) throw new Error(`no address: ${address}`);
  return {
    method,
    path,
    params,
    run: (call) => run({ ...call, params: params.parse(call.params) }),
  };
}

function isMethod(text: string | undefined): text is Operation["method"] {
  return text === "GET" || text === "POST" || text === "DELETE";
}
