import { defineConfig } from "drizzle-kit";

/** What `npm run db:generate` reads. Migrations are applied by db/migrate.ts, never by drizzle-kit. */
export default defineConfig({
  dialect: "postgresql",
  schema: "./db/schema",
  out: "./db/migrations",
});
