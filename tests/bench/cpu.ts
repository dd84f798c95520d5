import { readdirSync, readFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;

/**
 * The processor time, in milliseconds, that processes and all below them have used so far; undefined
 * where the system does not tell. Unlike a rate, it hardly depends on who else is busy.
 */
export function cpuMs(pids: readonly number[]): number | undefined {
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
    const ticks = all.reduce((sum, each) => sum + (family.has(each.pid) ? each.ticks : 0), 0);
    return (ticks * 1_000) / TICKS_PER_SECOND;
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
