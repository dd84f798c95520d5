/*
 * What the set-up hands on to the specs. Playwright starts them in processes of their own; what they
 * know of the run goes through the environment.
 */

export type Person = { readonly id: string; readonly email: string; readonly password: string };
export type Organization = { readonly id: string; readonly name: string; readonly slug: string };

/** Everybody who can sign in, by what they are to the organization that is looked at. */
export const ROLES = ["administrator", "owner", "billing", "member", "other owner"] as const;
export type Who = (typeof ROLES)[number];

/** Ids of what has a page of its own. Invoice, event, command, order and linked customer are Umbrella's. */
export type Samples = Readonly<
  Record<
    | "event"
    | "refused"
    | "customer"
    | "linkedCustomer"
    | "object"
    | "invoice"
    | "acmeInvoice"
    | "command"
    | "acmeCommand"
    | "order"
    | "acmeOrder"
    | "product"
    | "plan"
    | "tier",
    string
  >
>;

export type Seeded = {
  /** Signs what Stripe would send in test mode. */
  readonly secret: string;
  readonly apiKey: string;
  readonly organizations: Readonly<Record<"acme" | "globex" | "umbrella", Organization>>;
  /** Ada, and Acme's people. Their browsers stay signed in for the whole run. */
  readonly people: Readonly<Record<Who, Person>>;
  /** Another of each, of Umbrella, for the spec that takes sessions and memberships from them. */
  readonly walkers: Readonly<Record<Who, Person>>;
};

/** A deployment that answers, with its people signed in. */
export type Running = Seeded & {
  readonly url: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Files with the cookies of those who are signed in. */
  readonly states: Readonly<Record<Who, string>>;
};

export type Deployments = {
  /** Nobody has set it up yet. */
  readonly empty: { readonly url: string };
  readonly seeded: Running & { readonly samples: Samples };
};

const NAME = "TEST_DEPLOYMENTS";

export function handOn(deployments: Deployments): void {
  process.env[NAME] = JSON.stringify(deployments);
}

/** The deployments of this run; there are none outside of Playwright's set-up. */
export function deployments(): Deployments {
  const handed = process.env[NAME];
  if (!handed) throw new Error("The browser tests run under Playwright, which starts the app.");
  return JSON.parse(handed);
}
