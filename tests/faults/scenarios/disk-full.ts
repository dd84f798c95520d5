import { spawnSync } from "node:child_process";
import { chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

const MEGABYTES = 96;
const FULL_MS = 5_000;
let place = "";

export const diskFull: Scenario = {
  name: "disk-full",
  about: `The database's tablespace, a tmpfs of ${MEGABYTES} MB, is full for ${FULL_MS / 1_000} s.`,
  async prepare({ sql, folder }) {
    if (process.getuid?.() !== 0) return { skip: "only root can mount a small file system." };
    const root = mkdtempSync(path.join(tmpdir(), "billhook-faults-disk-"));
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${MEGABYTES}m`, "tmpfs", root], {
      encoding: "utf8",
    });
    if (mounted.status !== 0) {
      rmSync(root, { recursive: true, force: true });
      const said = mounted.error?.message ?? mounted.stderr.trim();
      return { skip: `a small file system cannot be mounted here (${said}).` };
    }
    // Not through the folder above, which PostgreSQL's account may not enter.
    spawnSync("chmod", ["755", root]);
    place = path.join(root, "small");
    mkdirSync(place, { mode: 0o700 });
    const { uid, gid } = statSync(path.join(folder, "cluster"));
    chownSync(place, uid, gid);
    await sql.unsafe(`create tablespace faults_small location '${place}'`);
    return {
      shape: { tablespace: "faults_small" },
      async remove() {
        await sql`drop tablespace faults_small`;
        spawnSync("umount", [root]);
        rmSync(root, { recursive: true, force: true });
      },
    };
  },
  async run({ sender, backAt, webs, workers }) {
    await pause(1_500);
    const ballast = path.join(path.dirname(place), "ballast");
    try {
      writeFileSync(ballast, Buffer.alloc(MEGABYTES * 2 ** 20));
    } catch {
      // Full, which is what was wanted.
    }
    // What a table's last pages still hold is soon used up.
    sender.pace(600);
    await pause(FULL_MS);
    const refusals = sender.journal.answers.get("503") ?? 0;
    rmSync(ballast, { force: true });
    backAt.push(performance.now());
    sender.pace(120);
    await pause(2_000);
    const faults = [...webs, ...workers].flatMap(({ name, falls }) =>
      falls > 0 ? [`${name} ended ${falls} times because the disk was full`] : [],
    );
    if (refusals === 0) faults.push("nothing was ever refused: the disk was not full");
    return { did: `${refusals} answers of 503`, faults };
  },
};
