import type { Delivery, DeliveryAttempt } from "./delivery-log.ts";
import { signatureOf } from "./sign.ts";

const ANSWER_MAX = 1_024;

/** Tries once to hand an event over. Like Stripe it follows no redirect and waits so long, no longer. */
export async function send(
  { url, body }: Delivery,
  secrets: readonly string[],
  at: number,
  timeoutMilliseconds: number,
): Promise<Omit<DeliveryAttempt, "isForged">> {
  const signature = signatureOf(body, secrets, at);
  const started = Date.now();
  const tried = { at: started, signature };
  try {
    const answer = await fetch(url, {
      method: "POST",
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMilliseconds),
      headers: {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "stripe-signature": signature,
        accept: "*/*; q=0.5, application/xml",
      },
    });
    const said = await answer.text();
    return {
      ...tried,
      status: answer.status,
      answer: said.slice(0, ANSWER_MAX),
      milliseconds: Date.now() - started,
    };
  } catch (error) {
    return { ...tried, status: null, answer: reasonOf(error), milliseconds: Date.now() - started };
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== "" ? cause.message : error.message;
}
