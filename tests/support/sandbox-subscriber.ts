import type { Box } from "./sandbox.ts";

/** Subscribes an organization to a price through the sandbox's checkout, with a card that pays. */
export async function subscribed(box: Box, price: string, organization: string): Promise<string> {
  const session = await box.stripe.checkout.sessions.create({
    mode: "subscription",
    client_reference_id: organization,
    line_items: [{ price, quantity: 1 }],
    success_url: "https://example.com/done",
  });
  const method = await box.stripe.paymentMethods.create({
    type: "card",
    card: { token: "tok_visa" },
    billing_details: { email: `${organization}@example.com`, name: organization },
  });
  await box.stripe.rawRequest("POST", `/v1/payment_pages/${session.id}/confirm`, {
    payment_method: method.id,
  });
  const { subscription } = await box.stripe.checkout.sessions.retrieve(session.id);
  if (typeof subscription !== "string") throw new Error("The checkout made no subscription.");
  return subscription;
}
