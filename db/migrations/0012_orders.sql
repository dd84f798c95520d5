CREATE TABLE "product_prices" (
	"id" text PRIMARY KEY NOT NULL,
	"product_id" text NOT NULL,
	"currency" text NOT NULL,
	"amount_minor" bigint NOT NULL,
	"archived_at" timestamp with time zone,
	CONSTRAINT "a_product_is_no_gift" CHECK ("product_prices"."amount_minor" > 0),
	CONSTRAINT "product_price_currency_is_a_code" CHECK ("product_prices"."currency" ~ '^[A-Z]{3}$')
);
--> statement-breakpoint
CREATE TABLE "products" (
	"id" text PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"quantity_max" integer DEFAULT 1 NOT NULL,
	"archived_at" timestamp with time zone,
	CONSTRAINT "one_product_per_code" UNIQUE("code"),
	CONSTRAINT "an_order_is_for_some" CHECK ("products"."quantity_max" between 1 and 1000)
);
--> statement-breakpoint
CREATE TABLE "orders" (
	"id" text PRIMARY KEY NOT NULL,
	"organization_id" text NOT NULL,
	"product_id" text NOT NULL,
	"command_id" text NOT NULL,
	"gateway" text NOT NULL,
	"mode" text NOT NULL,
	"price_ref" text NOT NULL,
	"quantity" integer NOT NULL,
	"currency" text NOT NULL,
	"amount_minor" bigint NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"checkout_ref" text,
	"page" text DEFAULT 'opening' NOT NULL,
	"is_paid" boolean DEFAULT false NOT NULL,
	"payment_failed" boolean DEFAULT false NOT NULL,
	"payment_ref" text,
	"payment_status" text,
	"charged_minor" bigint,
	"refunded_minor" bigint DEFAULT 0 NOT NULL,
	"ordered_at" timestamp with time zone DEFAULT now() NOT NULL,
	"completed_at" timestamp with time zone,
	CONSTRAINT "an_order_is_asked_once" UNIQUE("command_id"),
	CONSTRAINT "one_order_per_page" UNIQUE("gateway","mode","checkout_ref"),
	CONSTRAINT "one_order_per_payment" UNIQUE("gateway","mode","payment_ref"),
	CONSTRAINT "order_state_is_known" CHECK ("orders"."state" in ('pending', 'completed', 'refunded', 'canceled')),
	CONSTRAINT "order_page_is_known" CHECK ("orders"."page" in ('opening', 'open', 'complete', 'expired', 'refused')),
	CONSTRAINT "an_order_is_for_one_or_more" CHECK ("orders"."quantity" > 0 and "orders"."amount_minor" > 0),
	CONSTRAINT "order_refunds_are_not_negative" CHECK ("orders"."refunded_minor" >= 0),
	CONSTRAINT "a_completed_order_says_when" CHECK ("orders"."state" not in ('completed', 'refunded') or "orders"."completed_at" is not null)
);
--> statement-breakpoint
ALTER TABLE "invoices" ADD COLUMN "credit_notes" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "gateway_prices" ADD COLUMN "product_id" text;--> statement-breakpoint
ALTER TABLE "plans" ADD COLUMN "is_per_seat" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "product_prices" ADD CONSTRAINT "product_prices_product_id_products_id_fk" FOREIGN KEY ("product_id") REFERENCES "public"."products"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_product_id_products_id_fk" FOREIGN KEY ("product_id") REFERENCES "public"."products"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_command_id_commands_id_fk" FOREIGN KEY ("command_id") REFERENCES "public"."commands"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "one_price_per_product_and_currency" ON "product_prices" USING btree ("product_id","currency") WHERE archived_at is null;--> statement-breakpoint
CREATE INDEX "orders_of_organization" ON "orders" USING btree ("organization_id","ordered_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "orders_by_time" ON "orders" USING btree ("mode","ordered_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "orders_of_product" ON "orders" USING btree ("product_id");--> statement-breakpoint
ALTER TABLE "gateway_prices" ADD CONSTRAINT "gateway_prices_product_id_products_id_fk" FOREIGN KEY ("product_id") REFERENCES "public"."products"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "subscriptions_scheduled" ON "subscriptions" USING btree ("id") WHERE schedule_ref is not null;--> statement-breakpoint
CREATE INDEX "gateway_prices_of_product" ON "gateway_prices" USING btree ("product_id");--> statement-breakpoint
ALTER TABLE "gateway_prices" ADD CONSTRAINT "a_price_sells_one_thing" CHECK ("gateway_prices"."plan_id" is null or "gateway_prices"."product_id" is null);--> statement-breakpoint
-- What was sold by the seat until now: plans of tiers with any number of seats, and plans that somebody pays for more than once.
UPDATE "plans" p SET "is_per_seat" = true
WHERE EXISTS (SELECT FROM "entitlements" e WHERE e."tier_id" = p."tier_id" AND e."key" = 'seats'
    AND e."kind" = 'limit' AND e."is_included" AND e."limit_value" IS NULL)
  OR EXISTS (SELECT FROM "subscriptions" s WHERE s."plan_id" = p."id" AND s."status" <> 'canceled'
    AND s."quantity" > 1);
