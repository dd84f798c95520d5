/*
 * Runs after every install. When a connection dies in the middle of a transaction, or while the driver
 * asks it for its types, postgres 3.4.9 ends the whole process, or answers one question with the answer to
 * another, so that somebody waits for ever; it may leave a place in its pool dead for good, and lets what
 * is left of the transaction run on the connection's successor (porsager/postgres issues 1154 and 1208,
 * unmended in that release). This mends all of it; tests/database/driver.test.ts fails without. And it
 * lets transactions begin where no statement may be sent ahead of an answer, which is what poolers need.
 * Plain JavaScript, so that whatever Node installs the packages can run it.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const MARK = "// Mended by Billhook.";

const CHANGES = {
  "connection.js": [
    {
      from: "    const x = socket.write(chunk, fn)\n",
      to: `    if (!socket) { ${MARK}
      chunk = nextWriteTimer = null
      error(Errors.connection('CONNECTION_CLOSED', options, socket))
      return false
    }
    const x = socket.write(chunk, fn)
`,
    },
    {
      // Otherwise no transaction begins where nothing may be sent ahead (max_pipeline: 0).
      from: `        && sent.length < max_pipeline
        && (!q.options.onexecute || q.options.onexecute(connection))
`,
      to: `        && (!q.options.onexecute || q.options.onexecute(connection)) ${MARK}
        && sent.length < max_pipeline
`,
    },
    {
      // Statements that are sent in one turn travel together, however long they are: each write costs a
      // tenth of a millisecond, and a sync sends a dozen of a kilobyte or two.
      from: "    if (fn || chunk.length >= 1024)\n",
      to: `    if (fn || chunk.length >= 65536) ${MARK}
`,
    },
    {
      from: "    clearImmediate(nextWriteTimer)\n",
      to: `    clearImmediate(nextWriteTimer)
    chunk = nextWriteTimer = null ${MARK}
`,
    },
    {
      // Otherwise the next connection takes its first answers for those of the last one's questions.
      from: "    if (initial)\n      return reconnect()\n",
      to: `    if (initial) { ${MARK}
      while (sent.length) sent.shift()
      query = results = errorResponse = null
      result = new Result()
      return reconnect()
    }
`,
    },
    {
      // Also what was asked between an error and the end, such as a rollback.
      from: "    !hadError && (query || sent.length) && error(Errors.connection('CONNECTION_CLOSED', options, socket))\n",
      to: `    ;(query || sent.length) && error(Errors.connection('CONNECTION_CLOSED', options, socket)) ${MARK}
    query = results = errorResponse = null
    result = new Result()
`,
    },
    {
      from: "        return fetchArrayTypes()\n",
      to: `        return fetchArrayTypes().catch(() => {}) ${MARK}
`,
    },
  ],
  "queue.js": [
    {
      from: "    push: (x) => (xs.push(x), x),\n",
      to: `    push: (x) => (xs.push(x), x),
    pop: () => { ${MARK}
      const out = xs.pop()
      if (index === xs.length) {
        index = 0
        xs = []
      }
      return out
    },
`,
    },
  ],
  "index.js": [
    {
      // Whoever worked last works next, with all that its PostgreSQL has parsed and planned; a pool that went
      // round would keep every connection, and warm none.
      from: "return go(open.shift(), query)",
      to: "return go(open.pop(), query)",
    },
    {
      from: "      , prepare = null\n",
      to: `      , prepare = null
      , lost = null ${MARK}
`,
    },
    {
      from: "connection.onclose = reject)",
      to: "connection.onclose = e => (lost = e, reject(e)))",
    },
    {
      from: "        q.catch(e => uncaughtError || (uncaughtError = e))\n",
      to: `        q.catch(e => uncaughtError || (uncaughtError = e))
        if (lost) return q.reject(lost) ${MARK}
`,
    },
  ],
};

for (const folder of ["src", "cjs/src"]) {
  for (const [name, changes] of Object.entries(CHANGES)) mend(`${folder}/${name}`, changes);
}

function mend(name, changes) {
  const file = new URL(`../node_modules/postgres/${name}`, import.meta.url);
  if (!existsSync(file)) return;
  const found = readFileSync(file, "utf8");
  const mended = changes.reduce((text, { from, to }) => {
    if (text.includes(to)) return text;
    if (text.includes(from)) return text.replaceAll(from, to);
    throw new Error(
      `node_modules/postgres/${name} is not as expected: is scripts/patch-driver.mjs still needed?`,
    );
  }, found);
  writeFileSync(file, mended);
}
