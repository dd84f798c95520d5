import { customType, timestamp } from "drizzle-orm/pg-core";

/** An instant. Names end in `_at`; null means that it has not happened. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

/** Bytes as they came. */
export const bytes = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => "bytea" });
