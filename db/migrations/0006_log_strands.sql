-- The log is read by strands: see lib/inbox/strand-views.ts.
DROP INDEX "webhook_events_newest";--> statement-breakpoint
DROP INDEX "webhook_events_of_type";--> statement-breakpoint
DROP INDEX "webhook_events_unsettled";--> statement-breakpoint
CREATE INDEX "webhook_events_newest" ON "webhook_events" USING btree ("gateway","mode","received_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "webhook_events_of_type" ON "webhook_events" USING btree ("type","gateway","mode",(case when status in ('received', 'processed') then 'usual' else status end),"received_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "webhook_events_unsettled" ON "webhook_events" USING btree ((case when status in ('received', 'processed') then 'usual' else status end),"gateway","mode","received_at" DESC NULLS LAST) WHERE (case when status in ('received', 'processed') then 'usual' else status end) <> 'usual';
