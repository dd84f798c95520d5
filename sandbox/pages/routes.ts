import { Hono } from "hono";
import type { World } from "../state/world.ts";
import { checkoutPages } from "./checkout.ts";
import { ASSETS } from "./document.ts";
import { threeDSecurePages } from "./three-d-secure.ts";

/** All pages that people see, under `/_pages`; the control page is beside its API. */
export function pagesOf({ world }: { readonly world: World }): Hono {
  const app = new Hono();
  for (const [address, { body, type }] of Object.entries(ASSETS)) {
    app.get(address, (context) =>
      context.body(body, 200, {
        "Content-Type": type,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-cache",
      }),
    );
  }
  app.route("/_pages/checkout", checkoutPages(world));
  app.route("/_pages/3ds", threeDSecurePages(world));
  return app;
}
