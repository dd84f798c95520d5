import type Stripe from "stripe";
import { emit } from "../events/emit.ts";
import { invalid } from "../protocol/errors.ts";
import { mergeMetadata } from "../protocol/params.ts";
import type { World } from "../state/world.ts";

export type ProductDraft = {
  readonly name: string;
  readonly id?: string | undefined;
  readonly active?: boolean | undefined;
  readonly description?: string | undefined;
  readonly images?: string[] | undefined;
  readonly marketing_features?: { name: string }[] | undefined;
  readonly metadata?: Record<string, string> | null | undefined;
  readonly shippable?: boolean | undefined;
  readonly statement_descriptor?: string | undefined;
  readonly type?: "good" | "service" | undefined;
  readonly unit_label?: string | undefined;
  readonly url?: string | undefined;
};

/** Makes a product, under an id of the caller's choice where one is given. */
export function makeProduct(world: World, draft: ProductDraft): Stripe.Product {
  if (draft.id !== undefined && world.get("product", draft.id)) {
    throw invalid("Product already exists.", { code: "resource_already_exists", param: "id" });
  }
  const now = world.now(null);
  const product = world.put("product", {
    id: draft.id ?? world.newId("prod", 14),
    object: "product",
    active: draft.active ?? true,
    created: now,
    default_price: null,
    description: draft.description ?? null,
    images: draft.images ?? [],
    livemode: false,
    marketing_features: draft.marketing_features ?? [],
    metadata: mergeMetadata(null, draft.metadata),
    name: draft.name,
    package_dimensions: null,
    shippable: draft.shippable ?? null,
    statement_descriptor: draft.statement_descriptor ?? null,
    tax_code: null,
    tax_details: null,
    type: draft.type ?? "service",
    unit_label: draft.unit_label ?? null,
    updated: now,
    url: draft.url ?? null,
  } satisfies Stripe.Product);
  emit(world, "product.created", product);
  return product;
}
