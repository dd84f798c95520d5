export type DemoTier = {
  readonly code: string;
  readonly name: string;
  readonly description: string;
  readonly rank: number;
  /** Null is without limit. */
  readonly limits: Readonly<Record<string, number | null>>;
  readonly features: readonly string[];
};

export type DemoPlan = {
  readonly code: string;
  readonly name: string;
  readonly description: string;
  readonly tier: string;
  readonly prices: readonly DemoPrice[];
};

export type DemoPrice = {
  readonly currency: string;
  readonly interval: "month" | "year";
  readonly amountMinor: number;
};

export type DemoProduct = {
  readonly code: string;
  readonly name: string;
  readonly description: string;
  readonly quantityMax: number;
  readonly prices: readonly { readonly currency: string; readonly amountMinor: number }[];
};

type Demo = {
  readonly tiers: readonly DemoTier[];
  readonly plans: readonly DemoPlan[];
  readonly products: readonly DemoProduct[];
  readonly names: Readonly<Record<string, string>>;
  readonly organizations: readonly { readonly name: string; readonly reference: string }[];
  readonly administrator: { readonly email: string; readonly name: string };
  readonly owner: { readonly email: string; readonly name: string };
  readonly secretLabel: string;
};

/** What the demo sells, to whom, and who runs it. */
export const DEMO: Demo = {
  tiers: [
    {
      code: "free",
      name: "Free",
      description: "For everybody who has no paid plan.",
      rank: 0,
      limits: { projects: 3, seats: 1, api_calls_per_month: 1_000, storage_gb: 1 },
      features: [],
    },
    {
      code: "pro",
      name: "Pro",
      description: "For teams that ship every week.",
      rank: 10,
      limits: { projects: 50, seats: 10, api_calls_per_month: 100_000, storage_gb: 100 },
      features: ["custom_domain", "priority_support"],
    },
    {
      code: "business",
      name: "Business",
      description: "For companies with many teams.",
      rank: 20,
      limits: { projects: null, seats: 100, api_calls_per_month: 2_000_000, storage_gb: 1_000 },
      features: ["custom_domain", "priority_support", "sso", "audit_export"],
    },
  ],
  plans: [
    {
      code: "pro",
      name: "Pro",
      description: "Room for a growing team, and answers within a day.",
      tier: "pro",
      prices: [
        { currency: "EUR", interval: "month", amountMinor: 29_00 },
        { currency: "EUR", interval: "year", amountMinor: 290_00 },
        { currency: "USD", interval: "month", amountMinor: 32_00 },
        { currency: "USD", interval: "year", amountMinor: 320_00 },
      ],
    },
    {
      code: "business",
      name: "Business",
      description: "Single sign-on, exports for your auditors, and projects without limit.",
      tier: "business",
      prices: [
        { currency: "EUR", interval: "month", amountMinor: 99_00 },
        { currency: "EUR", interval: "year", amountMinor: 990_00 },
        { currency: "USD", interval: "month", amountMinor: 109_00 },
        { currency: "USD", interval: "year", amountMinor: 1_090_00 },
      ],
    },
  ],
  products: [
    {
      code: "credits",
      name: "Credits",
      description: "10,000 more API calls, to use whenever you like.",
      quantityMax: 10,
      prices: [
        { currency: "EUR", amountMinor: 19_00 },
        { currency: "USD", amountMinor: 21_00 },
      ],
    },
  ],
  names: {
    projects: "Projects",
    seats: "Seats",
    api_calls_per_month: "API calls a month",
    storage_gb: "Storage in GB",
    custom_domain: "Custom domain",
    priority_support: "Priority support",
    sso: "Single sign-on",
    audit_export: "Audit log export",
  },
  organizations: [
    { name: "Acme", reference: "acme" },
    { name: "Globex", reference: "globex" },
    { name: "Initech", reference: "initech" },
  ],
  administrator: { email: "ada@billhook.example", name: "Ada" },
  owner: { email: "olga@acme.example", name: "Olga" },
  secretLabel: "Demo",
};
