import type { Mode } from "#lib/gateways/gateway.ts";

/** Where things are at a gateway, in its own words, for the page that connects it. */
export type Guide = {
  /** The gateway's pages for endpoints and for keys. */
  readonly webhooksPage: (mode: Mode) => string;
  readonly keysPage: (mode: Mode) => string;
  /** How events reach a machine that the gateway cannot. */
  readonly forward: (webhookUrl: string) => string;
  readonly forwardHint: string;
  readonly secretHint: string;
  readonly keyHint: string;
};

const inStripe = (page: string) => (mode: Mode) =>
  `https://dashboard.stripe.com/${mode === "test" ? "test/" : ""}${page}`;

export const GUIDES: Readonly<Record<string, Guide>> = {
  stripe: {
    webhooksPage: inStripe("webhooks"),
    keysPage: inStripe("apikeys"),
    forward: (url) => `stripe listen --forward-to ${url.replace(/^https?:\/\//, "")}`,
    forwardHint: "The Stripe CLI prints a signing secret of its own: add it under test mode.",
    secretHint: "In Stripe: Webhooks, your endpoint, Signing secret. It starts with whsec_.",
    keyHint:
      "A restricted key is enough: reading keeps plans true, and the portal writes too. The self-hosting page lists what it needs.",
  },
};
