const isTerminal = process.stdout.isTTY;
const paint = (code: string, text: string) =>
  isTerminal ? `\u001b[${code}m${text}\u001b[0m` : text;

/** What the demo prints: a line for each thing, and a sign of life for what takes long. */
export const say = {
  line(text = ""): void {
    process.stdout.write(`${text}\n`);
  },
  scene(text: string): void {
    say.line(`${paint("2", "  → ")}${text}`);
  },
  tier(organization: string, from: string, to: string, because: string): void {
    say.line(`${paint("32", "  ✓ ")}${paint("1", `${organization}: ${from} → ${to}`)}  ${because}`);
  },
  /** Starts a step that takes more than a second; call what it answers when it is done. */
  progress(text: string): () => void {
    const started = Date.now();
    const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
    if (!isTerminal) say.line(`${text} …`);
    const timer = setInterval(() => {
      if (isTerminal) process.stdout.write(`\r${text} … ${seconds()}`);
      else if (Math.round((Date.now() - started) / 1000) % 15 === 0)
        say.line(`  still at it, ${seconds()}`);
    }, 1000);
    return () => {
      clearInterval(timer);
      process.stdout.write(
        isTerminal ? `\r${text} … done in ${seconds()}\n` : `  done in ${seconds()}\n`,
      );
    };
  },
};
