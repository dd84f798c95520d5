import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { chromium, type LaunchOptions } from "playwright-core";

const REPOSITORY = path.resolve(import.meta.dirname, "..", "..");

const INSTALLED = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const MACOS = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** Nothing but the tests' own pages is ever asked for, on this machine or beyond it. */
const QUIET = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-domain-reliability",
  "--disable-sync",
  "--no-pings",
  "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE *.localhost , EXCLUDE 127.0.0.1",
];

/** Letters that no font at hand may have, in the families that pages ask for. */
const TRIAL = `<p style="font-family: system-ui, sans-serif">ready → ✓ 中 🎉</p>
  <p style="font-family: ui-monospace, monospace">ready</p>`;

/**
 * How to start a Chromium on any machine: the one from npm (Linux x64; without a window it takes two
 * thirds of the time of an installed one), else the installed one, else Playwright's download, else
 * Debian's package when root. Each is tried before it is chosen. Without any, tests fail with a
 * sentence; they are never skipped.
 */
export async function findChromium(): Promise<LaunchOptions> {
  const faults: string[] = [];
  for (const find of [fromNpm, installed, fromPlaywright, fromDebian]) {
    for (const candidate of attempt(find, faults)) {
      const works = await firstThatStarts(candidate, faults);
      if (works) return works;
    }
  }
  throw new Error(
    "No Chromium was found and none could be brought, so the browser tests cannot run. " +
      `Install chromium or Google Chrome. What was tried:\n  ${faults.join("\n  ")}`,
  );
}

function installed(): LaunchOptions[] {
  const found = (process.env.PATH ?? "")
    .split(path.delimiter)
    .flatMap((folder) => INSTALLED.map((name) => path.join(folder, name)));
  return [...found, ...MACOS].filter((file) => existsSync(file)).map(at);
}

/** Unpacked by a process of its own, because the package unpacks into TMPDIR and changes its host. */
function fromNpm(): LaunchOptions[] {
  if (process.platform !== "linux" || process.arch !== "x64") return [];
  const folder = path.join(REPOSITORY, "node_modules", ".cache", "chromium");
  const executablePath = path.join(folder, "chromium");
  const libraries = path.join(folder, "al2023", "lib");
  if (!existsSync(folder)) {
    const draft = `${folder}.${process.pid}`;
    mkdirSync(draft, { recursive: true });
    const script = `
      import chromium, { inflate } from "@sparticuz/chromium";
      import { createRequire } from "node:module";
      import path from "node:path";
      const entry = createRequire(import.meta.url).resolve("@sparticuz/chromium");
      await inflate(path.join(path.dirname(entry), "..", "bin", "al2023.tar.br"));
      await chromium.executablePath();`;
    execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      cwd: REPOSITORY,
      env: { ...process.env, TMPDIR: draft },
      stdio: ["ignore", "ignore", "pipe"],
    });
    writeFileSync(path.join(draft, "fonts.conf"), fontsIn(path.join(folder, "fonts")));
    renameSync(draft, folder);
  }
  const env = { ...inherited(), FONTCONFIG_FILE: path.join(folder, "fonts.conf") };
  return [
    { executablePath, env },
    { executablePath, env: { ...env, LD_LIBRARY_PATH: libraries } },
  ];
}

/** The package's own configuration looks elsewhere, and a page without any font ends this Chromium. */
function fontsIn(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}</dir>
  <cachedir>${folder}-cache</cachedir>
</fontconfig>
`;
}

function fromPlaywright(): LaunchOptions[] {
  const executablePath = chromium.executablePath();
  if (!existsSync(executablePath)) {
    const entry = createRequire(import.meta.url).resolve("playwright-core/package.json");
    say("Downloading Chromium for Playwright (once).");
    execFileSync(
      process.execPath,
      [path.join(path.dirname(entry), "cli.js"), "install", "chromium"],
      { stdio: ["ignore", "ignore", "pipe"], timeout: 300_000 },
    );
  }
  return [at(executablePath)];
}

function fromDebian(): LaunchOptions[] {
  if (!isRoot() || spawnSync("apt-get", ["--version"]).status !== 0) return [];
  say("Installing Debian's chromium (once).");
  const options = {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    stdio: ["ignore", "ignore", "pipe"] as ["ignore", "ignore", "pipe"],
    timeout: 600_000,
  };
  execFileSync("apt-get", ["update"], options);
  execFileSync("apt-get", ["install", "-y", "--no-install-recommends", "chromium"], options);
  return installed();
}

function attempt(find: () => LaunchOptions[], faults: string[]): LaunchOptions[] {
  try {
    const found = find();
    if (found.length === 0) faults.push(`${find.name}: none`);
    return found;
  } catch (error) {
    faults.push(`${find.name}: ${firstLine(error)}`);
    return [];
  }
}

/** Root cannot have Chromium's sandbox; others lose it only where the kernel does not grant it. */
async function firstThatStarts(
  candidate: LaunchOptions,
  faults: string[],
): Promise<LaunchOptions | undefined> {
  for (const chromiumSandbox of isRoot() ? [false] : [true, false]) {
    const options = { ...candidate, args: QUIET, chromiumSandbox };
    try {
      const browser = await chromium.launch({ ...options, timeout: 30_000 });
      const page = await browser.newPage();
      await page.setContent(TRIAL);
      await page.screenshot();
      await browser.close();
      if (!chromiumSandbox && !isRoot()) {
        say("This machine grants Chromium no sandbox; the tests run it without.");
      }
      return options;
    } catch (error) {
      faults.push(`${candidate.executablePath}: ${firstLine(error)}`);
    }
  }
  return undefined;
}

function at(executablePath: string): LaunchOptions {
  return { executablePath };
}

function inherited(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split("\n")[0] ?? "";
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
