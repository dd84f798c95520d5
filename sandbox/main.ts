import { enableCompileCache } from "node:module";

// Half of the time to start goes into reading the source, which Node keeps from the last time if told to.
enableCompileCache();
const { start } = await import("./start.ts");
await start(process.argv.slice(2));
