/** One call of the API, as the control page shows it. */
export type LoggedCall = {
  readonly id: string;
  /** Milliseconds since 1970, real time. */
  readonly at: number;
  readonly method: string;
  readonly address: string;
  readonly query: string;
  readonly params: string;
  readonly idempotencyKey: string | null;
  readonly status: number;
  /** What a refusal said. */
  readonly error: string | null;
  readonly milliseconds: number;
};

/** The newest calls, oldest first. */
export type RequestLog = {
  add(call: LoggedCall): void;
  all(): readonly LoggedCall[];
  clear(): void;
};

const KEPT_MAX = 500;
const PARAMS_MAX = 4_000;

export function requestLog(): RequestLog {
  let kept: LoggedCall[] = [];
  return {
    add(call) {
      kept.push({ ...call, params: call.params.slice(0, PARAMS_MAX) });
      if (kept.length > KEPT_MAX * 2) kept = kept.slice(-KEPT_MAX);
    },
    all: () => kept.slice(-KEPT_MAX),
    clear: () => {
      kept = [];
    },
  };
}
