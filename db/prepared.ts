import type postgres from "postgres";

/** How many texts are prepared: lists of values make new ones, which must not pile up on a connection. */
const PREPARED_MAX = 300;

/**
 * A client whose statements PostgreSQL parses and plans once for each connection, as it does for plain
 * SQL: the query builder never has its own prepared. Where it is not, each goes there twice.
 */
export function preparing<Client extends postgres.ISql>(
  client: Client,
  { texts = new Set(), begin = "" }: { texts?: Set<string>; begin?: string } = {},
): Client {
  const unsafe: postgres.ISql["unsafe"] = (text, parameters, options) => {
    if (texts.size < PREPARED_MAX) texts.add(text);
    return client.unsafe(text, parameters, { ...options, prepare: texts.has(text) });
  };
  type Work = (tx: postgres.TransactionSql) => unknown;
  return new Proxy(client, {
    get(target, name) {
      if (name === "unsafe") return unsafe;
      const value: unknown = Reflect.get(target, name);
      if ((name !== "begin" && name !== "savepoint") || typeof value !== "function") return value;
      const how = name === "begin" ? begin : undefined;
      return (work: Work) =>
        value.call(target, how, (tx: postgres.TransactionSql) => work(preparing(tx, { texts })));
    },
  });
}
