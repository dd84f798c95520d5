CREATE TABLE "catalogue_readings" (
	"id" text PRIMARY KEY NOT NULL,
	"gateway" text NOT NULL,
	"mode" text NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"next_page" text,
	"listed" integer DEFAULT 0 NOT NULL,
	"differing" integer DEFAULT 0 NOT NULL,
	"finished_at" timestamp with time zone,
	"is_cut" boolean DEFAULT false NOT NULL,
	"last_error" text
);
--> statement-breakpoint
ALTER TABLE "commands" ALTER COLUMN "organization_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "gateway_prices" ADD COLUMN "plan_code" text;--> statement-breakpoint
ALTER TABLE "gateway_products" ADD COLUMN "description" text;--> statement-breakpoint
ALTER TABLE "gateway_products" ADD COLUMN "plan_code" text;--> statement-breakpoint
CREATE UNIQUE INDEX "one_reading_at_a_time" ON "catalogue_readings" USING btree ("gateway","mode") WHERE finished_at is null;--> statement-breakpoint
CREATE INDEX "catalogue_readings_of_gateway" ON "catalogue_readings" USING btree ("gateway","mode","started_at" DESC NULLS LAST);--> statement-breakpoint
ALTER TABLE "commands" ADD CONSTRAINT "only_commands_about_plans_are_nobodys" CHECK (("commands"."organization_id" is null) = ("commands"."object" like 'plan:%'));