/** Reads what a PostgreSQL server says, message by message, however its bytes come in. */
export function messageReader(tell: (type: string, body: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    while (rest.length - from >= 5) {
      const end = from + 1 + rest.readInt32BE(from + 1);
      if (rest.length < end) break;
      tell(String.fromCharCode(rest[from] ?? 0), rest.subarray(from + 5, end));
      from = end;
    }
    rest = rest.subarray(from);
  };
}

/** What a client calls itself in its first message. */
export function applicationOf(startup: Buffer): string {
  return /application_name\0([^\0]*)\0/.exec(startup.toString("latin1"))?.[1] ?? "";
}

/** Whether a server's last words, from one ReadyForQuery to the next, say that work was committed. */
export function commitWatch(isWork: (tag: string) => boolean): {
  see(type: string, body: Buffer): boolean;
} {
  let hasCommitted = false;
  return {
    see(type, body) {
      if (type === "C") hasCommitted ||= isWork(body.toString("latin1"));
      if (type !== "Z") return false;
      const isIdle = body[0] === 0x49;
      const answer = hasCommitted && isIdle;
      hasCommitted = false;
      return answer;
    },
  };
}
