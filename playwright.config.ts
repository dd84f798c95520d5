import { defineConfig, devices, type LaunchOptions } from "@playwright/test";
import { findChromium } from "./tests/support/chromium.ts";
import { forgetCaller } from "./tests/support/environment.ts";

forgetCaller();

// Workers read this file again: the search is done once and handed on.
process.env.TEST_CHROMIUM ??= JSON.stringify(await findChromium());
const launchOptions: LaunchOptions = JSON.parse(process.env.TEST_CHROMIUM);

export default defineConfig({
  testDir: "./tests/browser",
  globalSetup: "./tests/browser/setup.ts",
  outputDir: "./test-results",
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  use: {
    ...devices["Desktop Chrome"],
    launchOptions,
    locale: "en-GB",
    timezoneId: "UTC",
    screenshot: "only-on-failure",
  },
});
