import type Stripe from "stripe";
import type { z } from "zod";
import { emit } from "../events/emit.ts";
import { mustFind } from "../protocol/find.ts";
import { pageOf } from "../protocol/list.ts";
import { type Operation, operation } from "../protocol/operation.ts";
import { flag, mergeMetadata, page, params } from "../protocol/params.ts";
import type { World } from "../state/world.ts";
import { configurationParams, updateParams } from "./portal-configuration-params.ts";
import { DEFAULT_FEATURES, featuresFrom } from "./portal-features.ts";

type Configuration = Stripe.BillingPortal.Configuration;

const listParams = params<Stripe.BillingPortal.ConfigurationListParams>()({
  ...page,
  active: flag().optional(),
  is_default: flag().optional(),
});

const KIND = "billing_portal.configuration";
const HOME = "/v1/billing_portal/configurations";

/** The configuration of sessions that name none; made when it is first needed, as the dashboard's is. */
export function defaultConfiguration(world: World): Configuration {
  const there = world.all(KIND).find((configuration) => configuration.is_default);
  return there ?? put(world, { features: DEFAULT_FEATURES, isDefault: true });
}

function put(
  world: World,
  {
    features,
    isDefault,
    given,
  }: {
    features: Configuration["features"];
    isDefault: boolean;
    given?: z.output<typeof configurationParams>;
  },
): Configuration {
  const now = world.now(null);
  return world.put(KIND, {
    id: world.newId("bpc"),
    object: "billing_portal.configuration",
    active: true,
    application: null,
    business_profile: {
      headline: given?.business_profile?.headline ?? null,
      privacy_policy_url: given?.business_profile?.privacy_policy_url ?? null,
      terms_of_service_url: given?.business_profile?.terms_of_service_url ?? null,
    },
    created: now,
    default_return_url: given?.default_return_url ?? null,
    features,
    is_default: isDefault,
    livemode: false,
    login_page: { enabled: false, url: null },
    metadata: mergeMetadata(null, given?.metadata),
    name: given?.name ?? null,
    updated: now,
  } satisfies Configuration);
}

function update(
  world: World,
  before: Configuration,
  given: z.output<typeof updateParams>,
): Configuration {
  const { business_profile: profile } = given;
  const kept = before.business_profile;
  const after = world.put(KIND, {
    ...before,
    active: given.active ?? before.active,
    business_profile: {
      headline: profile?.headline === undefined ? kept.headline : profile.headline,
      privacy_policy_url: profile?.privacy_policy_url ?? kept.privacy_policy_url,
      terms_of_service_url: profile?.terms_of_service_url ?? kept.terms_of_service_url,
    },
    default_return_url:
      given.default_return_url === undefined ? before.default_return_url : given.default_return_url,
    features: featuresFrom(world, before.features, given.features ?? {}),
    metadata: mergeMetadata(before.metadata, given.metadata),
    name: given.name === undefined ? before.name : given.name,
    updated: world.now(null),
  });
  emit(world, "billing_portal.configuration.updated", after, { before });
  return after;
}

export const portalConfigurationOperations: readonly Operation[] = [
  operation(`POST ${HOME}`, configurationParams, ({ world, params }) => {
    const features = featuresFrom(world, DEFAULT_FEATURES, params.features);
    const isDefault = world.all(KIND).length === 0;
    const made = put(world, { features, isDefault, given: params });
    emit(world, "billing_portal.configuration.created", made);
    return made;
  }),
  operation(
    `GET ${HOME}/:id`,
    params<Stripe.BillingPortal.ConfigurationRetrieveParams>()({}),
    ({ world, path: { id = "" } }) => mustFind(world, KIND, id),
  ),
  operation(`POST ${HOME}/:id`, updateParams, ({ world, params, path: { id = "" } }) =>
    update(world, mustFind(world, KIND, id), params),
  ),
  operation(`GET ${HOME}`, listParams, ({ world, params }) => {
    const found = world
      .all(KIND)
      .filter(({ active }) => params.active === undefined || params.active === active)
      .filter(({ is_default: is }) => params.is_default === undefined || params.is_default === is);
    return pageOf(HOME, found, params);
  }),
];
