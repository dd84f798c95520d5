/** Every table, in reading order. */

export * from "./billing.ts";
export * from "./catalogue.ts";
export * from "./commands.ts";
export * from "./comps.ts";
export * from "./customers.ts";
export * from "./identity.ts";
export * from "./imports.ts";
export * from "./inbox.ts";
export * from "./notices.ts";
export * from "./orders.ts";
export * from "./rebuild.ts";
export * from "./reconcile.ts";
export * from "./settings.ts";
