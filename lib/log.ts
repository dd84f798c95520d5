import { type Logger, pino } from "pino";
import { config } from "./config.ts";

/** One JSON line per fact. Never a payload, never a secret: pass ids, and let the log page show the rest. */
export function log(): Logger {
  logger ??= pino(
    {
      level: config().logLevel,
      base: { role: config().role },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: ["password", "secret", "token", "apiKey", "authorization", "*.password", "*.secret"],
        censor: "[redacted]",
      },
    },
    // A line for each webhook, written one by one, would be a tenth of the intake's work. What waits is
    // written when the process ends.
    pino.destination({ dest: 1, sync: false, minLength: 4_096, periodicFlush: 100 }),
  );
  return logger;
}

let logger: Logger | undefined;
