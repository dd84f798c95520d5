import { Tabs } from "#app/_ui/tabs.tsx";

/** What is sold here, and what the gateways sell it as. */
export function PlanTabs({
  current,
  unmapped,
}: {
  current: "plans" | "products" | "prices" | "import";
  unmapped?: number;
}) {
  return (
    <Tabs
      label="Catalogue"
      items={[
        { label: "Plans and tiers", href: "/admin/plans", current: current === "plans" },
        {
          label: "One-time products",
          href: "/admin/plans/products",
          current: current === "products",
        },
        {
          label: "Gateway prices",
          href: "/admin/plans/prices",
          current: current === "prices",
          count: unmapped || undefined,
        },
        { label: "Import", href: "/admin/plans/import", current: current === "import" },
      ]}
    />
  );
}
