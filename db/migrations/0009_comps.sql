CREATE TABLE "comps" (
	"id" text PRIMARY KEY NOT NULL,
	"organization_id" text NOT NULL,
	"tier_id" text NOT NULL,
	"plan_id" text,
	"tier_before_id" text NOT NULL,
	"given_at" timestamp with time zone NOT NULL,
	"ends_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"reason" text NOT NULL,
	"given_by_label" text NOT NULL,
	"intention" text NOT NULL,
	CONSTRAINT "a_comp_is_given_once" UNIQUE("intention"),
	CONSTRAINT "a_comp_ends_after_it_begins" CHECK ("comps"."ends_at" > "comps"."given_at"),
	CONSTRAINT "a_comp_is_over_between_its_beginning_and_its_end" CHECK ("comps"."ended_at" between "comps"."given_at" and "comps"."ends_at"),
	CONSTRAINT "a_comp_has_a_reason" CHECK ("comps"."reason" <> '')
);
--> statement-breakpoint
ALTER TABLE "comps" ADD CONSTRAINT "comps_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "comps" ADD CONSTRAINT "comps_tier_id_tiers_id_fk" FOREIGN KEY ("tier_id") REFERENCES "public"."tiers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "comps" ADD CONSTRAINT "comps_plan_id_plans_id_fk" FOREIGN KEY ("plan_id") REFERENCES "public"."plans"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "comps" ADD CONSTRAINT "comps_tier_before_id_tiers_id_fk" FOREIGN KEY ("tier_before_id") REFERENCES "public"."tiers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "one_open_comp_per_organization" ON "comps" USING btree ("organization_id") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "comps_of_organization" ON "comps" USING btree ("organization_id","given_at" DESC NULLS LAST);