ALTER TABLE "gateway_objects" DROP CONSTRAINT "one_row_per_gateway_object";--> statement-breakpoint
DROP INDEX "gateway_objects_due";--> statement-breakpoint
DROP INDEX "webhook_events_newest";--> statement-breakpoint
DROP INDEX "webhook_events_of_type";--> statement-breakpoint
ALTER TABLE "gateway_objects" ADD COLUMN "is_due" boolean GENERATED ALWAYS AS (rung > synced_rung and parked_at is null) STORED NOT NULL;--> statement-breakpoint
CREATE INDEX "gateway_objects_due" ON "gateway_objects" USING btree ("next_attempt_at") WHERE is_due;--> statement-breakpoint
CREATE INDEX "webhook_events_newest" ON "webhook_events" USING btree ("received_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "webhook_events_of_type" ON "webhook_events" USING btree ("type","received_at" DESC NULLS LAST);--> statement-breakpoint
ALTER TABLE "event_keys" DROP CONSTRAINT "an_event_is_stored_once";--> statement-breakpoint
ALTER TABLE "event_keys" ADD CONSTRAINT "an_event_is_stored_once" PRIMARY KEY("event_ref","account","mode","gateway");--> statement-breakpoint
ALTER TABLE "gateway_objects" ADD CONSTRAINT "one_row_per_gateway_object" UNIQUE("ref","type","mode","gateway");--> statement-breakpoint
-- Room beside each object, so that a ring is written where the row is and no index is touched.
ALTER TABLE "gateway_objects" SET (fillfactor = 80);--> statement-breakpoint
-- As lib/inbox/partitions.ts makes them from now on: rows up to half a page stay whole.
DO $$
DECLARE part regclass;
BEGIN
  FOR part IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'webhook_events'::regclass LOOP
    EXECUTE format('ALTER TABLE %s SET (toast_tuple_target = 4080)', part);
  END LOOP;
END $$;
