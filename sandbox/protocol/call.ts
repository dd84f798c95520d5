/** One HTTP request, as far as the protocol cares. */
export type Asked = {
  readonly method: string;
  /** The address without its query. */
  readonly address: string;
  readonly query: string;
  readonly header: (name: string) => string | undefined;
  readonly body: string;
};

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};
