CREATE TABLE "portal_links" (
	"id" text PRIMARY KEY NOT NULL,
	"organization_id" text NOT NULL,
	"user_id" text NOT NULL,
	"api_key_id" text NOT NULL,
	"token_hash" text NOT NULL,
	"path" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	CONSTRAINT "one_portal_link_per_token" UNIQUE("token_hash"),
	CONSTRAINT "a_portal_link_is_short" CHECK ("portal_links"."expires_at" <= "portal_links"."created_at" + interval '5 minutes')
);
--> statement-breakpoint
CREATE TABLE "import_customers" (
	"import_id" text NOT NULL,
	"ref" text NOT NULL,
	"claim" text,
	"reason" text,
	"candidates" jsonb,
	CONSTRAINT "a_customer_is_told_once" PRIMARY KEY("import_id","ref")
);
--> statement-breakpoint
CREATE TABLE "imports" (
	"id" text PRIMARY KEY NOT NULL,
	"gateway" text NOT NULL,
	"mode" text NOT NULL,
	"makes_organizations" boolean NOT NULL,
	"asked_by" jsonb NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"stage" text DEFAULT 'checkout' NOT NULL,
	"place" text,
	"step" integer DEFAULT 0 NOT NULL,
	"misses" integer DEFAULT 0 NOT NULL,
	"restarts" integer DEFAULT 0 NOT NULL,
	"waits_until" timestamp with time zone,
	"waits_because" text,
	"paused_at" timestamp with time zone,
	"paused_because" text,
	"finished_at" timestamp with time zone,
	"stopped_at" timestamp with time zone,
	"counts" jsonb,
	CONSTRAINT "a_stopped_import_is_finished" CHECK ("imports"."stopped_at" is null or "imports"."finished_at" is not null)
);
--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "portal_organization_id" text;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "api_key_id" text;--> statement-breakpoint
ALTER TABLE "portal_links" ADD CONSTRAINT "portal_links_api_key_id_api_keys_id_fk" FOREIGN KEY ("api_key_id") REFERENCES "public"."api_keys"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "portal_links" ADD CONSTRAINT "a_portal_link_is_of_a_member" FOREIGN KEY ("organization_id","user_id") REFERENCES "public"."members"("organization_id","user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "import_customers" ADD CONSTRAINT "import_customers_import_id_imports_id_fk" FOREIGN KEY ("import_id") REFERENCES "public"."imports"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "portal_links_of_member" ON "portal_links" USING btree ("organization_id","user_id");--> statement-breakpoint
CREATE INDEX "portal_links_by_age" ON "portal_links" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "one_import_at_a_time" ON "imports" USING btree ("gateway","mode") WHERE "imports"."finished_at" is null;--> statement-breakpoint
CREATE INDEX "imports_newest" ON "imports" USING btree ("gateway","mode","started_at" DESC NULLS LAST);--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_portal_organization_id_organizations_id_fk" FOREIGN KEY ("portal_organization_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_api_key_id_api_keys_id_fk" FOREIGN KEY ("api_key_id") REFERENCES "public"."api_keys"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "organizations_by_billing_email" ON "organizations" USING btree (lower("billing_email"));--> statement-breakpoint
CREATE INDEX "sessions_of_api_key" ON "sessions" USING btree ("api_key_id") WHERE api_key_id is not null;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "a_portal_session_has_a_key" CHECK (("sessions"."portal_organization_id" is null) = ("sessions"."api_key_id" is null));