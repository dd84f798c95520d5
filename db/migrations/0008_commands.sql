CREATE TABLE "commands" (
	"id" text PRIMARY KEY NOT NULL,
	"organization_id" text NOT NULL,
	"gateway" text NOT NULL,
	"mode" text NOT NULL,
	"kind" text NOT NULL,
	"object" text NOT NULL,
	"intention" text NOT NULL,
	"plan" jsonb NOT NULL,
	"status" text DEFAULT 'open' NOT NULL,
	"answer" jsonb,
	"sentence" text,
	"asked_by_kind" text NOT NULL,
	"asked_by_id" text,
	"asked_by_label" text NOT NULL,
	"asked_at" timestamp with time zone DEFAULT now() NOT NULL,
	"sends" integer DEFAULT 0 NOT NULL,
	"leased_until" timestamp with time zone,
	"last_error" text,
	"settled_at" timestamp with time zone,
	CONSTRAINT "a_command_is_asked_once" UNIQUE("intention"),
	CONSTRAINT "command_status_is_known" CHECK ("commands"."status" in ('open', 'done', 'needs_person', 'refused', 'unknown')),
	CONSTRAINT "a_settled_command_says_when" CHECK (("commands"."status" = 'open') = ("commands"."settled_at" is null))
);
--> statement-breakpoint
CREATE TABLE "quotes" (
	"id" text PRIMARY KEY NOT NULL,
	"organization_id" text NOT NULL,
	"gateway" text NOT NULL,
	"mode" text NOT NULL,
	"subscription_ref" text NOT NULL,
	"revision" text NOT NULL,
	"timing" text NOT NULL,
	"price_ref" text NOT NULL,
	"quantity" integer NOT NULL,
	"prorated_at" timestamp with time zone,
	"currency" text NOT NULL,
	"due_minor" bigint NOT NULL,
	"credited_minor" bigint NOT NULL,
	"tax_minor" bigint NOT NULL,
	"lines" jsonb NOT NULL,
	"next_total_minor" bigint,
	"next_at" timestamp with time zone,
	"quoted_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "quote_timing_is_known" CHECK ("quotes"."timing" in ('now', 'renewal')),
	CONSTRAINT "quote_is_charged_or_credited" CHECK ("quotes"."due_minor" = 0 or "quotes"."credited_minor" = 0),
	CONSTRAINT "quote_amounts_are_not_negative" CHECK ("quotes"."due_minor" >= 0 and "quotes"."credited_minor" >= 0),
	CONSTRAINT "quote_quantity_is_positive" CHECK ("quotes"."quantity" > 0)
);
--> statement-breakpoint
CREATE TABLE "payment_methods" (
	"id" text PRIMARY KEY NOT NULL,
	"gateway" text NOT NULL,
	"mode" text NOT NULL,
	"ref" text NOT NULL,
	"customer_ref" text NOT NULL,
	"kind" text NOT NULL,
	"brand" text,
	"last4" text,
	"exp_month" integer,
	"exp_year" integer,
	"is_default" boolean NOT NULL,
	CONSTRAINT "one_row_per_gateway_payment_method" UNIQUE("gateway","mode","ref")
);
--> statement-breakpoint
ALTER TABLE "customers" ADD COLUMN "default_method_ref" text;--> statement-breakpoint
ALTER TABLE "customers" ADD COLUMN "balance_minor" bigint;--> statement-breakpoint
ALTER TABLE "customers" ADD COLUMN "balance_currency" text;--> statement-breakpoint
ALTER TABLE "customers" ADD COLUMN "details" jsonb;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "schedule_ref" text;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "planned" jsonb;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "unpaid_change" jsonb;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "is_collection_paused" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "method_ref" text;--> statement-breakpoint
ALTER TABLE "plans" ADD COLUMN "trial_days" integer;--> statement-breakpoint
ALTER TABLE "commands" ADD CONSTRAINT "commands_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "quotes" ADD CONSTRAINT "quotes_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "one_open_command_per_object" ON "commands" USING btree ("gateway","mode","object") WHERE status = 'open';--> statement-breakpoint
CREATE INDEX "commands_of_organization" ON "commands" USING btree ("organization_id","asked_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "commands_of_object" ON "commands" USING btree ("gateway","mode","object");--> statement-breakpoint
CREATE INDEX "commands_open" ON "commands" USING btree ("asked_at") WHERE status = 'open';--> statement-breakpoint
CREATE INDEX "commands_that_wait_for_people" ON "commands" USING btree ("asked_at") WHERE status = 'needs_person';--> statement-breakpoint
CREATE INDEX "quotes_of_organization" ON "quotes" USING btree ("organization_id","quoted_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "quotes_by_age" ON "quotes" USING btree ("quoted_at");--> statement-breakpoint
CREATE INDEX "payment_methods_of_customer" ON "payment_methods" USING btree ("gateway","mode","customer_ref");--> statement-breakpoint
CREATE INDEX "payment_methods_by_expiry" ON "payment_methods" USING btree ("exp_year","exp_month");--> statement-breakpoint
ALTER TABLE "plans" ADD CONSTRAINT "a_trial_is_some_days_long" CHECK ("plans"."trial_days" between 1 and 730);