import { readdirSync, readFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;

/**
 * The processor time, in milliseconds, that each of these processes and all below them have used so far;
 * undefined where the system does not tell. Unlike a rate, it hardly depends on who else is busy.
 */
export function cpuOf(pids: readonly number[]): ReadonlyMap<number, number> | undefined {
  try {
    const all = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? statOf(name) : []));
    let family = new Set(pids);
    for (let size = 0; size !== family.size; ) {
      size = family.size;
      family = new Set([
        ...family,
        ...all.flatMap(({ pid, parent }) => (family.has(parent) ? [pid] : [])),
      ]);
    }
    return new Map(
      all.flatMap(({ pid, ticks }) =>
        family.has(pid) ? [[pid, (ticks * 1_000) / TICKS_PER_SECOND] as const] : [],
      ),
    );
  } catch {
    return undefined;
  }
}

/** All of them together. */
export function cpuMs(pids: readonly number[]): number | undefined {
  const each = cpuOf(pids);
  return each && [...each.values()].reduce((sum, ms) => sum + ms, 0);
}

/** What a piece of work took of processes: those that came meanwhile count whole, those that left are left out. */
export async function cpuDuring<T>(
  pids: () => Promise<readonly number[]>,
  work: () => Promise<T>,
): Promise<{ result: T; usedMs: number | undefined }> {
  const before = cpuOf(await pids());
  const result = await work();
  const after = cpuOf(await pids());
  if (!before || !after) return { result, usedMs: undefined };
  let usedMs = 0;
  for (const [pid, ms] of after) usedMs += ms - (before.get(pid) ?? 0);
  return { result, usedMs };
}

/** What a process holds of the machine's memory now; undefined where the system does not tell. */
export function residentBytes(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1_024;
  } catch {
    return undefined;
  }
}

function statOf(name: string): { pid: number; parent: number; ticks: number }[] {
  try {
    const text = readFileSync(`/proc/${name}/stat`, "utf8");
    // The command's name, in brackets, may hold anything: the fields are counted from behind it.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return [
      {
        pid: Number(name),
        parent: Number(fields[1]),
        ticks: Number(fields[11]) + Number(fields[12]),
      },
    ];
  } catch {
    return [];
  }
}
