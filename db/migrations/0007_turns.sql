DROP INDEX "gateway_objects_due";--> statement-breakpoint
ALTER TABLE "gateway_objects" ADD COLUMN "payer" text;--> statement-breakpoint
ALTER TABLE "gateway_objects" ADD COLUMN "turn" integer GENERATED ALWAYS AS (hashtext(coalesce(payer, ref))) STORED NOT NULL;--> statement-breakpoint
CREATE INDEX "gateway_objects_to_try_again" ON "gateway_objects" USING btree ("mode","gateway","next_attempt_at") WHERE is_due and last_error is not null;--> statement-breakpoint
CREATE INDEX "gateway_objects_due" ON "gateway_objects" USING btree ("mode","gateway","turn","next_attempt_at") WHERE is_due and last_error is null;