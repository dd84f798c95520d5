import { defineConfig } from "vitest/config";
import { forgetCaller } from "./tests/support/environment.ts";

forgetCaller();

const postgres = "./tests/support/postgres.ts";

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 3,
    fileParallelism: true,
    reporters: ["default"],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["tests/unit/**/*.test.ts"],
          // Nothing here keeps anything: what one file imported is there for the next.
          isolate: false,
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: "database",
          include: ["tests/database/**/*.test.ts"],
          globalSetup: [postgres],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: "gateways",
          include: ["tests/{gateways,sandbox}/**/*.test.ts"],
          globalSetup: [postgres],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
    ],
  },
});
