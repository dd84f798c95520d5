import { readFileSync } from "node:fs";

/** Whether a process still runs. One that has ended and waits to be collected does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  return statOf(pid)?.[0] !== "Z";
}

/** When a process began, in the kernel's own ticks; empty on systems without /proc. */
export function startOf(pid: number): string {
  return statOf(pid)?.[19] ?? "";
}

/** The fields of /proc/…/stat after the name, which may itself hold spaces and brackets. */
function statOf(pid: number): string[] | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, "utf8");
    return line.slice(line.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
