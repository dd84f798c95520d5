CREATE TABLE "rebuild_objects" (
	"rebuild_id" text NOT NULL,
	"object_id" bigint NOT NULL,
	"organization_id" text,
	"had_row" boolean NOT NULL,
	"row" jsonb,
	"ring" integer,
	"kept_because" text,
	CONSTRAINT "rebuild_objects_rebuild_id_object_id_pk" PRIMARY KEY("rebuild_id","object_id")
);
--> statement-breakpoint
CREATE TABLE "rebuilds" (
	"id" text PRIMARY KEY NOT NULL,
	"gateway" text NOT NULL,
	"mode" text NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"emptied_up_to" bigint DEFAULT 0 NOT NULL,
	"emptied_at" timestamp with time zone,
	"given_up_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"objects" integer
);
--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "tier_held_by" text;--> statement-breakpoint
ALTER TABLE "rebuild_objects" ADD CONSTRAINT "rebuild_objects_rebuild_id_rebuilds_id_fk" FOREIGN KEY ("rebuild_id") REFERENCES "public"."rebuilds"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rebuild_objects" ADD CONSTRAINT "rebuild_objects_object_id_gateway_objects_id_fk" FOREIGN KEY ("object_id") REFERENCES "public"."gateway_objects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "rebuild_objects_to_ring" ON "rebuild_objects" USING btree ("rebuild_id","organization_id" NULLS FIRST,"object_id") WHERE ring is null;--> statement-breakpoint
CREATE INDEX "rebuild_objects_of_organization" ON "rebuild_objects" USING btree ("rebuild_id","organization_id");--> statement-breakpoint
CREATE UNIQUE INDEX "one_rebuild_at_a_time" ON "rebuilds" USING btree ((true)) WHERE "rebuilds"."finished_at" is null;--> statement-breakpoint
CREATE INDEX "organizations_tier_held" ON "organizations" USING btree ("tier_held_by","id") WHERE tier_held_by is not null;