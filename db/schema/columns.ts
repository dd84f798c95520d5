import { customType, text, timestamp } from "drizzle-orm/pg-core";

/** An instant. Names end in `_at`; null means that it has not happened. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

/** Bytes as they came. */
export const bytes = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => "bytea" });

/** What names a row that mirrors an object of a gateway. */
export const gatewayColumns = {
  id: text("id").primaryKey(),
  gateway: text("gateway").notNull(),
  mode: text("mode", { enum: ["test", "live"] }).notNull(),
  /** The gateway's id. */
  ref: text("ref").notNull(),
};
