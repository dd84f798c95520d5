import { Hono } from "hono";
import type { Box } from "../box.ts";
import { checkoutPages } from "./checkout.ts";
import { controlPages } from "./control.ts";
import { ASSETS } from "./document.ts";
import { invoicePages } from "./invoice.ts";
import { portalPages } from "./portal.ts";
import { receiptPages } from "./receipt.ts";
import { threeDSecurePages } from "./three-d-secure.ts";

/** All pages that people see: those of Stripe under `/_pages`, and the sandbox's own at `/_sandbox`. */
export function pagesOf(box: Box): Hono {
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
  app.route("/_pages/checkout", checkoutPages(box));
  app.route("/_pages/3ds", threeDSecurePages(box));
  app.route("/_pages/invoice", invoicePages(box));
  app.route("/_pages/receipts", receiptPages(box));
  app.route("/_pages/portal", portalPages(box));
  app.route("/_sandbox", controlPages(box));
  app.get("/", (context) => context.redirect("/_sandbox"));
  return app;
}
