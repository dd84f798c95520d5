CREATE TABLE "checkouts" (
	"id" text PRIMARY KEY NOT NULL,
	"gateway" text NOT NULL,
	"mode" text NOT NULL,
	"ref" text NOT NULL,
	"organization_id" text,
	"customer_ref" text,
	"subscription_ref" text,
	"payment_ref" text,
	"purpose" text NOT NULL,
	"status" text NOT NULL,
	"is_paid" boolean NOT NULL,
	"payment_failed" boolean NOT NULL,
	"plan_id" text,
	"price_ref" text,
	"as_of" timestamp with time zone NOT NULL,
	CONSTRAINT "one_row_per_gateway_checkout" UNIQUE("gateway","mode","ref")
);
--> statement-breakpoint
CREATE TABLE "customers" (
	"id" text PRIMARY KEY NOT NULL,
	"gateway" text NOT NULL,
	"mode" text NOT NULL,
	"ref" text NOT NULL,
	"organization_id" text,
	"email" text,
	"name" text,
	"linked_at" timestamp with time zone,
	"link_source" text,
	"deleted_at" timestamp with time zone,
	"first_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "one_row_per_gateway_customer" UNIQUE("gateway","mode","ref"),
	CONSTRAINT "a_link_has_a_source" CHECK (("customers"."organization_id" is null) = ("customers"."link_source" is null))
);
--> statement-breakpoint
CREATE TABLE "disputes" (
	"id" text PRIMARY KEY NOT NULL,
	"gateway" text NOT NULL,
	"mode" text NOT NULL,
	"ref" text NOT NULL,
	"organization_id" text,
	"payment_ref" text,
	"status" text NOT NULL,
	"gateway_status" text NOT NULL,
	"reason" text,
	"currency" text NOT NULL,
	"amount_minor" bigint NOT NULL,
	"evidence_due_at" timestamp with time zone,
	"opened_at" timestamp with time zone,
	CONSTRAINT "one_row_per_gateway_dispute" UNIQUE("gateway","mode","ref")
);
--> statement-breakpoint
CREATE TABLE "invoices" (
	"id" text PRIMARY KEY NOT NULL,
	"gateway" text NOT NULL,
	"mode" text NOT NULL,
	"ref" text NOT NULL,
	"organization_id" text,
	"customer_ref" text,
	"subscription_ref" text,
	"number" text,
	"status" text NOT NULL,
	"billing_reason" text,
	"currency" text NOT NULL,
	"total_minor" bigint NOT NULL,
	"tax_minor" bigint NOT NULL,
	"amount_due_minor" bigint NOT NULL,
	"amount_paid_minor" bigint NOT NULL,
	"amount_remaining_minor" bigint NOT NULL,
	"attempt_count" integer NOT NULL,
	"next_attempt_at" timestamp with time zone,
	"issued_at" timestamp with time zone,
	"due_at" timestamp with time zone,
	"paid_at" timestamp with time zone,
	"hosted_url" text,
	"pdf_url" text,
	"lines" jsonb NOT NULL,
	CONSTRAINT "one_row_per_gateway_invoice" UNIQUE("gateway","mode","ref"),
	CONSTRAINT "invoice_status_is_known" CHECK ("invoices"."status" in ('draft', 'open', 'paid', 'uncollectible', 'void'))
);
--> statement-breakpoint
CREATE TABLE "link_conflicts" (
	"id" text PRIMARY KEY NOT NULL,
	"customer_id" text NOT NULL,
	"claimed_organization_id" text NOT NULL,
	"source" text NOT NULL,
	"ref" text NOT NULL,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"dismissed_at" timestamp with time zone,
	CONSTRAINT "a_conflict_is_noted_once" UNIQUE("customer_id","claimed_organization_id","ref")
);
--> statement-breakpoint
CREATE TABLE "payments" (
	"id" text PRIMARY KEY NOT NULL,
	"gateway" text NOT NULL,
	"mode" text NOT NULL,
	"ref" text NOT NULL,
	"organization_id" text,
	"customer_ref" text,
	"invoice_ref" text,
	"status" text NOT NULL,
	"currency" text NOT NULL,
	"amount_minor" bigint NOT NULL,
	"refunded_minor" bigint NOT NULL,
	"is_disputed" boolean NOT NULL,
	"failure_code" text,
	"failure_message" text,
	"method" text,
	"started_at" timestamp with time zone,
	CONSTRAINT "one_row_per_gateway_payment" UNIQUE("gateway","mode","ref"),
	CONSTRAINT "payment_status_is_known" CHECK ("payments"."status" in ('pending', 'requires_action', 'authorized', 'succeeded', 'failed', 'canceled')),
	CONSTRAINT "refunds_are_not_negative" CHECK ("payments"."refunded_minor" >= 0)
);
--> statement-breakpoint
CREATE TABLE "subscriptions" (
	"id" text PRIMARY KEY NOT NULL,
	"gateway" text NOT NULL,
	"mode" text NOT NULL,
	"ref" text NOT NULL,
	"organization_id" text,
	"customer_ref" text,
	"status" text NOT NULL,
	"gateway_status" text NOT NULL,
	"plan_id" text,
	"price_ref" text,
	"quantity" integer DEFAULT 1 NOT NULL,
	"items" jsonb NOT NULL,
	"currency" text,
	"period_start" timestamp with time zone,
	"period_end" timestamp with time zone,
	"trial_end" timestamp with time zone,
	"started_at" timestamp with time zone,
	"cancel_at" timestamp with time zone,
	"canceled_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"past_due_since" timestamp with time zone,
	"latest_invoice_ref" text,
	"is_provisional" boolean DEFAULT false NOT NULL,
	CONSTRAINT "one_row_per_gateway_subscription" UNIQUE("gateway","mode","ref"),
	CONSTRAINT "subscription_status_is_known" CHECK ("subscriptions"."status" in ('incomplete', 'trialing', 'active', 'past_due', 'unpaid', 'paused', 'canceled'))
);
--> statement-breakpoint
CREATE TABLE "tier_changes" (
	"id" text PRIMARY KEY NOT NULL,
	"organization_id" text NOT NULL,
	"from_tier_id" text NOT NULL,
	"to_tier_id" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"because" text NOT NULL,
	"cause" text NOT NULL,
	"sync_id" text,
	CONSTRAINT "a_tier_change_changes_the_tier" CHECK ("tier_changes"."from_tier_id" <> "tier_changes"."to_tier_id")
);
--> statement-breakpoint
CREATE TABLE "entitlements" (
	"tier_id" text NOT NULL,
	"key" text NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"is_included" boolean DEFAULT true NOT NULL,
	"limit_value" bigint,
	CONSTRAINT "entitlements_tier_id_key_pk" PRIMARY KEY("tier_id","key"),
	CONSTRAINT "only_limits_have_values" CHECK ("entitlements"."kind" = 'limit' or "entitlements"."limit_value" is null),
	CONSTRAINT "limits_are_not_negative" CHECK ("entitlements"."limit_value" >= 0)
);
--> statement-breakpoint
CREATE TABLE "gateway_prices" (
	"gateway" text NOT NULL,
	"mode" text NOT NULL,
	"ref" text NOT NULL,
	"product_ref" text,
	"currency" text,
	"amount_minor" bigint,
	"interval" text,
	"interval_count" integer,
	"is_active" boolean,
	"lookup_key" text,
	"nickname" text,
	"deleted_at" timestamp with time zone,
	"plan_id" text,
	"mapped_at" timestamp with time zone,
	"first_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "gateway_prices_gateway_mode_ref_pk" PRIMARY KEY("gateway","mode","ref")
);
--> statement-breakpoint
CREATE TABLE "gateway_products" (
	"gateway" text NOT NULL,
	"mode" text NOT NULL,
	"ref" text NOT NULL,
	"name" text NOT NULL,
	"is_active" boolean NOT NULL,
	"deleted_at" timestamp with time zone,
	CONSTRAINT "one_row_per_gateway_product" UNIQUE("gateway","mode","ref")
);
--> statement-breakpoint
CREATE TABLE "plans" (
	"id" text PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"tier_id" text NOT NULL,
	"archived_at" timestamp with time zone,
	CONSTRAINT "one_plan_per_code" UNIQUE("code")
);
--> statement-breakpoint
CREATE TABLE "prices" (
	"id" text PRIMARY KEY NOT NULL,
	"plan_id" text NOT NULL,
	"currency" text NOT NULL,
	"amount_minor" bigint NOT NULL,
	"interval" text NOT NULL,
	"interval_count" integer DEFAULT 1 NOT NULL,
	"archived_at" timestamp with time zone,
	CONSTRAINT "price_is_not_negative" CHECK ("prices"."amount_minor" >= 0),
	CONSTRAINT "price_currency_is_a_code" CHECK ("prices"."currency" ~ '^[A-Z]{3}$')
);
--> statement-breakpoint
CREATE TABLE "tiers" (
	"id" text PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"rank" integer NOT NULL,
	"is_default" boolean DEFAULT false NOT NULL,
	CONSTRAINT "one_tier_per_code" UNIQUE("code"),
	CONSTRAINT "one_tier_per_rank" UNIQUE("rank")
);
--> statement-breakpoint
CREATE TABLE "api_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"label" text NOT NULL,
	"key_hash" text NOT NULL,
	"last_four" text NOT NULL,
	"created_by" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "one_row_per_api_key" UNIQUE("key_hash")
);
--> statement-breakpoint
CREATE TABLE "audit_entries" (
	"id" text PRIMARY KEY NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"actor_kind" text NOT NULL,
	"actor_id" text,
	"actor_label" text NOT NULL,
	"action" text NOT NULL,
	"organization_id" text,
	"subject" text NOT NULL,
	"before" jsonb,
	"after" jsonb,
	"reason" text,
	"ip" text,
	"user_agent" text
);
--> statement-breakpoint
CREATE TABLE "invitations" (
	"id" text PRIMARY KEY NOT NULL,
	"organization_id" text,
	"email" text NOT NULL,
	"role" text NOT NULL,
	"token_hash" text NOT NULL,
	"invited_by" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"accepted_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "one_invitation_per_token" UNIQUE("token_hash"),
	CONSTRAINT "administrators_are_invited_to_no_organization" CHECK (("invitations"."role" = 'administrator') = ("invitations"."organization_id" is null))
);
--> statement-breakpoint
CREATE TABLE "members" (
	"organization_id" text NOT NULL,
	"user_id" text NOT NULL,
	"role" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "members_organization_id_user_id_pk" PRIMARY KEY("organization_id","user_id"),
	CONSTRAINT "member_role_is_known" CHECK ("members"."role" in ('owner', 'billing', 'member'))
);
--> statement-breakpoint
CREATE TABLE "organizations" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"slug" text NOT NULL,
	"reference" text,
	"billing_email" text,
	"tier_id" text NOT NULL,
	"tier_since" timestamp with time zone DEFAULT now() NOT NULL,
	"tier_valid_until" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "one_organization_per_slug" UNIQUE("slug"),
	CONSTRAINT "one_organization_per_reference" UNIQUE("reference"),
	CONSTRAINT "reference_is_not_our_id" CHECK ("organizations"."reference" is null or "organizations"."reference" not like 'org\_%')
);
--> statement-breakpoint
CREATE TABLE "password_resets" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"token_hash" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	CONSTRAINT "one_reset_per_token" UNIQUE("token_hash")
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"ip" text,
	"user_agent" text
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" text PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"name" text NOT NULL,
	"password_hash" text,
	"administrator_since" timestamp with time zone,
	"disabled_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "event_keys" (
	"gateway" text NOT NULL,
	"mode" text NOT NULL,
	"account" text NOT NULL,
	"event_ref" text NOT NULL,
	"body_hash" "bytea" NOT NULL,
	"event_id" text NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"deliveries" integer DEFAULT 1 NOT NULL,
	"last_delivered_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "an_event_is_stored_once" PRIMARY KEY("gateway","mode","account","event_ref")
);
--> statement-breakpoint
CREATE TABLE "gateway_objects" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "gateway_objects_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"gateway" text NOT NULL,
	"mode" text NOT NULL,
	"type" text NOT NULL,
	"ref" text NOT NULL,
	"rung" integer DEFAULT 1 NOT NULL,
	"synced_rung" integer DEFAULT 0 NOT NULL,
	"sync_version" integer DEFAULT 0 NOT NULL,
	"cause" text,
	"leased_until" timestamp with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_error" text,
	"waiting_for" text,
	"parked_at" timestamp with time zone,
	"missing_count" integer DEFAULT 0 NOT NULL,
	"applied" jsonb,
	"changed_by_sync_id" text,
	"changed_at" timestamp with time zone,
	"rung_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "one_row_per_gateway_object" UNIQUE("gateway","mode","type","ref"),
	CONSTRAINT "a_sync_answers_only_rings_that_were" CHECK ("gateway_objects"."synced_rung" <= "gateway_objects"."rung")
);
--> statement-breakpoint
CREATE TABLE "refused_counts" (
	"hour" timestamp with time zone NOT NULL,
	"gateway" text NOT NULL,
	"refusal" text NOT NULL,
	"dropped" bigint NOT NULL,
	CONSTRAINT "refused_counts_hour_gateway_refusal_pk" PRIMARY KEY("hour","gateway","refusal")
);
--> statement-breakpoint
CREATE TABLE "refused_requests" (
	"id" text PRIMARY KEY NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"gateway" text NOT NULL,
	"refusal" text NOT NULL,
	"diagnosis" text NOT NULL,
	"headers" jsonb NOT NULL,
	"body" "bytea",
	"body_size" integer NOT NULL,
	"remote_address" text,
	"accepted_at" timestamp with time zone,
	"event_id" text
);
--> statement-breakpoint
CREATE TABLE "syncs" (
	"id" text PRIMARY KEY NOT NULL,
	"object_id" bigint NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"cause" text NOT NULL,
	"source" text NOT NULL,
	"outcome" text NOT NULL,
	"reason_code" text,
	"reason" text,
	"changes" jsonb NOT NULL,
	"version_before" integer NOT NULL,
	"version_after" integer NOT NULL,
	"ring" integer NOT NULL,
	"organization_id" text,
	"duration_ms" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "webhook_events" (
	"id" text NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"gateway" text NOT NULL,
	"mode" text NOT NULL,
	"account" text NOT NULL,
	"event_ref" text NOT NULL,
	"type" text NOT NULL,
	"api_version" text,
	"created_at" timestamp with time zone,
	"signed_at" timestamp with time zone,
	"secret_id" text,
	"headers" jsonb NOT NULL,
	"body" "bytea" NOT NULL,
	"object_id" bigint,
	"ring" integer,
	"payload_object" text,
	"payload_terminal" boolean DEFAULT false NOT NULL,
	"payload_rank" integer DEFAULT 0 NOT NULL,
	"status" text NOT NULL,
	"reason_code" text,
	"reason" text,
	"sync_id" text,
	"organization_id" text,
	CONSTRAINT "webhook_events_id_received_at_pk" PRIMARY KEY("id","received_at")
) PARTITION BY RANGE ("received_at");
--> statement-breakpoint
-- Months are made ahead by lib/inbox/partitions.ts; a row in here means that it did not, and alerts.
CREATE TABLE "webhook_events_default" PARTITION OF "webhook_events" DEFAULT;
--> statement-breakpoint
CREATE TABLE "gateway_connections" (
	"id" text PRIMARY KEY NOT NULL,
	"gateway" text NOT NULL,
	"mode" text NOT NULL,
	"api_key_sealed" "bytea",
	"api_key_last_four" text,
	"api_key_set_by" text,
	"api_key_set_at" timestamp with time zone,
	"account_ref" text,
	"api_base" text,
	"paused_until" timestamp with time zone,
	"paused_because" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "one_connection_per_gateway_and_mode" UNIQUE("gateway","mode"),
	CONSTRAINT "connection_mode_is_known" CHECK ("gateway_connections"."mode" in ('test', 'live'))
);
--> statement-breakpoint
CREATE TABLE "settings" (
	"key" text PRIMARY KEY NOT NULL,
	"value" jsonb NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" text
);
--> statement-breakpoint
CREATE TABLE "signing_secrets" (
	"id" text PRIMARY KEY NOT NULL,
	"connection_id" text NOT NULL,
	"label" text NOT NULL,
	"source" text NOT NULL,
	"sealed" "bytea",
	"last_four" text NOT NULL,
	"fingerprint" text NOT NULL,
	"added_by" text,
	"added_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp with time zone,
	"verified_count" bigint DEFAULT 0 NOT NULL,
	"retire_at" timestamp with time zone,
	CONSTRAINT "a_secret_is_entered_once" UNIQUE("connection_id","fingerprint"),
	CONSTRAINT "stored_secrets_are_sealed" CHECK (("signing_secrets"."source" = 'stored') = ("signing_secrets"."sealed" is not null))
);
--> statement-breakpoint
CREATE TABLE "alerts" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"message" text NOT NULL,
	"href" text,
	"count" integer DEFAULT 1 NOT NULL,
	"raised_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"cleared_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "notices" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"object" text NOT NULL,
	"attempt" integer NOT NULL,
	"organization_id" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"claimed_at" timestamp with time zone,
	"sent_at" timestamp with time zone,
	"dropped_because" text,
	"recipients" text[],
	CONSTRAINT "a_notice_is_made_once" UNIQUE("kind","object","attempt"),
	CONSTRAINT "sent_notices_were_claimed" CHECK ("notices"."sent_at" is null or "notices"."claimed_at" is not null)
);
--> statement-breakpoint
ALTER TABLE "checkouts" ADD CONSTRAINT "checkouts_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "checkouts" ADD CONSTRAINT "checkouts_plan_id_plans_id_fk" FOREIGN KEY ("plan_id") REFERENCES "public"."plans"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "customers" ADD CONSTRAINT "customers_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disputes" ADD CONSTRAINT "disputes_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invoices" ADD CONSTRAINT "invoices_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "link_conflicts" ADD CONSTRAINT "link_conflicts_customer_id_customers_id_fk" FOREIGN KEY ("customer_id") REFERENCES "public"."customers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "link_conflicts" ADD CONSTRAINT "link_conflicts_claimed_organization_id_organizations_id_fk" FOREIGN KEY ("claimed_organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payments" ADD CONSTRAINT "payments_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_plan_id_plans_id_fk" FOREIGN KEY ("plan_id") REFERENCES "public"."plans"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tier_changes" ADD CONSTRAINT "tier_changes_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tier_changes" ADD CONSTRAINT "tier_changes_from_tier_id_tiers_id_fk" FOREIGN KEY ("from_tier_id") REFERENCES "public"."tiers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tier_changes" ADD CONSTRAINT "tier_changes_to_tier_id_tiers_id_fk" FOREIGN KEY ("to_tier_id") REFERENCES "public"."tiers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "entitlements" ADD CONSTRAINT "entitlements_tier_id_tiers_id_fk" FOREIGN KEY ("tier_id") REFERENCES "public"."tiers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gateway_prices" ADD CONSTRAINT "gateway_prices_plan_id_plans_id_fk" FOREIGN KEY ("plan_id") REFERENCES "public"."plans"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plans" ADD CONSTRAINT "plans_tier_id_tiers_id_fk" FOREIGN KEY ("tier_id") REFERENCES "public"."tiers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prices" ADD CONSTRAINT "prices_plan_id_plans_id_fk" FOREIGN KEY ("plan_id") REFERENCES "public"."plans"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_invited_by_users_id_fk" FOREIGN KEY ("invited_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "members" ADD CONSTRAINT "members_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "members" ADD CONSTRAINT "members_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "organizations" ADD CONSTRAINT "organizations_tier_id_tiers_id_fk" FOREIGN KEY ("tier_id") REFERENCES "public"."tiers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "password_resets" ADD CONSTRAINT "password_resets_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "syncs" ADD CONSTRAINT "syncs_object_id_gateway_objects_id_fk" FOREIGN KEY ("object_id") REFERENCES "public"."gateway_objects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gateway_connections" ADD CONSTRAINT "gateway_connections_api_key_set_by_users_id_fk" FOREIGN KEY ("api_key_set_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "settings" ADD CONSTRAINT "settings_updated_by_users_id_fk" FOREIGN KEY ("updated_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signing_secrets" ADD CONSTRAINT "signing_secrets_connection_id_gateway_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."gateway_connections"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signing_secrets" ADD CONSTRAINT "signing_secrets_added_by_users_id_fk" FOREIGN KEY ("added_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notices" ADD CONSTRAINT "notices_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "checkouts_of_subscription" ON "checkouts" USING btree ("gateway","mode","subscription_ref");--> statement-breakpoint
CREATE INDEX "checkouts_of_payment" ON "checkouts" USING btree ("gateway","mode","payment_ref");--> statement-breakpoint
CREATE INDEX "checkouts_of_organization" ON "checkouts" USING btree ("organization_id");--> statement-breakpoint
CREATE INDEX "customers_of_organization" ON "customers" USING btree ("organization_id");--> statement-breakpoint
CREATE INDEX "customers_unlinked" ON "customers" USING btree ("first_seen_at" DESC NULLS LAST) WHERE organization_id is null;--> statement-breakpoint
CREATE INDEX "disputes_of_organization" ON "disputes" USING btree ("organization_id");--> statement-breakpoint
CREATE INDEX "invoices_of_organization" ON "invoices" USING btree ("organization_id","issued_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "invoices_of_subscription" ON "invoices" USING btree ("gateway","mode","subscription_ref");--> statement-breakpoint
CREATE INDEX "link_conflicts_open" ON "link_conflicts" USING btree ("seen_at") WHERE dismissed_at is null;--> statement-breakpoint
CREATE INDEX "payments_of_organization" ON "payments" USING btree ("organization_id","started_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "subscriptions_of_organization" ON "subscriptions" USING btree ("organization_id");--> statement-breakpoint
CREATE INDEX "subscriptions_of_customer" ON "subscriptions" USING btree ("gateway","mode","customer_ref");--> statement-breakpoint
CREATE INDEX "subscriptions_of_plan" ON "subscriptions" USING btree ("plan_id");--> statement-breakpoint
CREATE INDEX "subscriptions_by_price" ON "subscriptions" USING btree ("gateway","mode","price_ref");--> statement-breakpoint
CREATE INDEX "tier_changes_of_organization" ON "tier_changes" USING btree ("organization_id","at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "gateway_prices_of_plan" ON "gateway_prices" USING btree ("plan_id");--> statement-breakpoint
CREATE UNIQUE INDEX "one_price_per_plan_currency_and_interval" ON "prices" USING btree ("plan_id","currency","interval","interval_count") WHERE archived_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "one_default_tier" ON "tiers" USING btree ("is_default") WHERE is_default;--> statement-breakpoint
CREATE INDEX "audit_newest" ON "audit_entries" USING btree ("at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "audit_of_organization" ON "audit_entries" USING btree ("organization_id","at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "invitations_of_organization" ON "invitations" USING btree ("organization_id");--> statement-breakpoint
CREATE UNIQUE INDEX "one_open_invitation_per_person" ON "invitations" USING btree (coalesce("organization_id", ''),lower("email")) WHERE accepted_at is null and revoked_at is null;--> statement-breakpoint
CREATE INDEX "memberships_of_user" ON "members" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "organizations_tier_due" ON "organizations" USING btree ("tier_valid_until") WHERE tier_valid_until is not null;--> statement-breakpoint
CREATE INDEX "organizations_by_name" ON "organizations" USING btree (lower("name"),"id");--> statement-breakpoint
CREATE INDEX "password_resets_of_user" ON "password_resets" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "sessions_of_user" ON "sessions" USING btree ("user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "one_user_per_email" ON "users" USING btree (lower("email"));--> statement-breakpoint
CREATE INDEX "event_keys_by_age" ON "event_keys" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "gateway_objects_due" ON "gateway_objects" USING btree ("next_attempt_at") WHERE rung > synced_rung and parked_at is null;--> statement-breakpoint
CREATE INDEX "gateway_objects_waiting" ON "gateway_objects" USING btree ("gateway","mode","waiting_for") WHERE waiting_for is not null;--> statement-breakpoint
CREATE INDEX "gateway_objects_parked" ON "gateway_objects" USING btree ("parked_at") WHERE parked_at is not null;--> statement-breakpoint
CREATE INDEX "refused_requests_newest" ON "refused_requests" USING btree ("received_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "refused_requests_to_verify_again" ON "refused_requests" USING btree ("gateway","id") WHERE accepted_at is null;--> statement-breakpoint
CREATE INDEX "syncs_of_object" ON "syncs" USING btree ("object_id","at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "syncs_newest" ON "syncs" USING btree ("at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "webhook_events_newest" ON "webhook_events" USING btree ("received_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "webhook_events_of_object" ON "webhook_events" USING btree ("object_id","ring");--> statement-breakpoint
CREATE INDEX "webhook_events_of_organization" ON "webhook_events" USING btree ("organization_id","received_at" DESC NULLS LAST,"id" DESC NULLS LAST) WHERE organization_id is not null;--> statement-breakpoint
CREATE INDEX "webhook_events_of_type" ON "webhook_events" USING btree ("type","received_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "webhook_events_by_ref" ON "webhook_events" USING btree ("event_ref");--> statement-breakpoint
CREATE INDEX "webhook_events_unsettled" ON "webhook_events" USING btree ("status","received_at" DESC NULLS LAST,"id" DESC NULLS LAST) WHERE status not in ('processed', 'received');--> statement-breakpoint
CREATE INDEX "signing_secrets_of_connection" ON "signing_secrets" USING btree ("connection_id");--> statement-breakpoint
CREATE UNIQUE INDEX "one_open_alert_per_subject" ON "alerts" USING btree ("kind","subject") WHERE cleared_at is null;--> statement-breakpoint
CREATE INDEX "alerts_open" ON "alerts" USING btree ("last_seen_at" DESC NULLS LAST) WHERE cleared_at is null;--> statement-breakpoint
CREATE INDEX "notices_of_organization" ON "notices" USING btree ("organization_id","created_at" DESC NULLS LAST);--> statement-breakpoint
-- Every organization has a tier from its first moment, so there is always one to fall back to.
INSERT INTO "tiers" ("id", "code", "name", "description", "rank", "is_default")
VALUES ('tir_free', 'free', 'Free', 'For everybody who has no paid plan.', 0, true);
