CREATE TABLE "event_gaps" (
	"gateway" text NOT NULL,
	"mode" text NOT NULL,
	"event_ref" text NOT NULL,
	"type" text NOT NULL,
	"root_type" text,
	"root_ref" text,
	"created_at" timestamp with time zone,
	"found_at" timestamp with time zone DEFAULT now() NOT NULL,
	"arrived_at" timestamp with time zone,
	"told_at" timestamp with time zone,
	CONSTRAINT "a_gap_is_found_once" PRIMARY KEY("gateway","mode","event_ref")
);
--> statement-breakpoint
CREATE TABLE "event_walks" (
	"gateway" text NOT NULL,
	"mode" text NOT NULL,
	"compared_until" timestamp with time zone NOT NULL,
	"newest_seen" timestamp with time zone,
	"next_page" text,
	"finished_at" timestamp with time zone,
	CONSTRAINT "one_walk_per_connection" PRIMARY KEY("gateway","mode")
);
--> statement-breakpoint
ALTER TABLE "event_walks" ADD CONSTRAINT "a_walk_is_of_a_connection" FOREIGN KEY ("gateway","mode") REFERENCES "public"."gateway_connections"("gateway","mode") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "event_gaps_newest" ON "event_gaps" USING btree ("found_at" DESC NULLS LAST,"event_ref");