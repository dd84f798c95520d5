import { checkout, event, invoice, payment, signatureOf, subscription } from "./objects.ts";

/** One delivery of the story: what is posted, and what a watcher is told about it. */
export type Scene = { readonly says: string; readonly posts: readonly Post[] };
type Post = {
  readonly event: ReturnType<typeof event>;
  readonly secret?: string;
  readonly times?: number;
};

const PRO = "price_demo_pro_monthly";
const BUSINESS = "price_demo_business_monthly";

/**
 * The life of two subscriptions, with what really happens to webhooks: some arrive twice, some in the
 * wrong order, one before anybody knows whose it is, and one with a signature that is not right.
 */
export function story(acme: string, globex: string): Scene[] {
  const tag = Date.now().toString(36);
  const a = {
    organizationId: acme,
    customer: `cus_A${tag}`,
    subscription: `sub_A${tag}`,
    tag: `A${tag}`,
  };
  const g = {
    organizationId: globex,
    customer: `cus_G${tag}`,
    subscription: `sub_G${tag}`,
    tag: `G${tag}`,
  };
  const nobody = {
    organizationId: "",
    customer: `cus_N${tag}`,
    subscription: `sub_N${tag}`,
    tag: `N${tag}`,
  };
  const start = Math.floor(Date.now() / 1000);
  let made = 0;
  const at = (seconds: number, type: string, object: object) => {
    made += 1;
    return event(`evt_${tag}_${made}`, type, object, start + seconds);
  };
  const updated = "customer.subscription.updated";

  return [
    {
      says: "Acme's subscription is told before its checkout: nobody knows yet whose it is",
      posts: [
        { event: at(0, "customer.subscription.created", subscription(a, PRO, "incomplete")) },
      ],
    },
    {
      says: "Acme completes the checkout (delivered twice)",
      posts: [{ event: at(1, "checkout.session.completed", checkout(a)), times: 2 }],
    },
    {
      says: "Acme's first invoice is paid and the subscription becomes active",
      posts: [
        { event: at(2, "payment_intent.succeeded", payment(a, 1, 2900, "succeeded")) },
        { event: at(2, "invoice.paid", invoice(a, 1, 2900, "paid")), times: 2 },
        { event: at(2, updated, subscription(a, PRO, "active")) },
      ],
    },
    {
      says: "Globex subscribes to Pro, in one burst",
      posts: [
        { event: at(4, "invoice.paid", invoice(g, 1, 2900, "paid")) },
        { event: at(4, updated, subscription(g, PRO, "active")) },
        { event: at(3, "checkout.session.completed", { ...checkout(g), customer_details: null }) },
      ],
    },
    {
      says: "Acme upgrades to Business; an older state of it arrives afterwards",
      posts: [
        { event: at(20, updated, subscription(a, BUSINESS, "active")) },
        { event: at(10, updated, subscription(a, PRO, "active")) },
      ],
    },
    {
      says: "Somebody posts an event with a signature that does not match",
      posts: [
        {
          event: at(21, updated, subscription(g, BUSINESS, "active")),
          secret: "whsec_somebody_elses_secret_000000",
        },
      ],
    },
    {
      says: "Acme's renewal fails: past due, with grace, and the owner gets a mail",
      posts: [
        { event: at(30, "payment_intent.payment_failed", payment(a, 2, 9900, "failed")) },
        { event: at(30, "invoice.payment_failed", invoice(a, 2, 9900, "open")), times: 2 },
        { event: at(31, updated, subscription(a, BUSINESS, "past_due")) },
      ],
    },
    {
      says: "A customer that belongs to no organization subscribes (see Admin › Customers)",
      posts: [{ event: at(35, updated, subscription(nobody, PRO, "active")) }],
    },
    {
      says: "Acme's payment recovers",
      posts: [
        { event: at(40, "payment_intent.succeeded", payment(a, 2, 9900, "succeeded")) },
        { event: at(40, "invoice.paid", invoice(a, 2, 9900, "paid", { attempt_count: 2 })) },
        { event: at(41, updated, subscription(a, BUSINESS, "active")) },
      ],
    },
    {
      says: "Acme cancels",
      posts: [
        {
          event: at(
            50,
            "customer.subscription.deleted",
            subscription(a, BUSINESS, "canceled", { canceled_at: start, ended_at: start }),
          ),
          times: 2,
        },
      ],
    },
  ];
}

/** Posts a scene to the webhook address as Stripe would; answers the status of each delivery. */
export async function playScene(scene: Scene, url: string, secret: string): Promise<number[]> {
  const statuses: number[] = [];
  for (const { event: told, secret: other, times = 1 } of scene.posts) {
    const body = JSON.stringify(told, null, 2);
    for (let n = 0; n < times; n++) {
      const response = await fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/json; charset=utf-8",
          "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
          "stripe-signature": signatureOf(body, other ?? secret),
        },
        body,
        signal: AbortSignal.timeout(10_000),
      });
      await response.arrayBuffer();
      statuses.push(response.status);
    }
  }
  return statuses;
}
