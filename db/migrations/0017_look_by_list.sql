DROP INDEX "customers_unlinked";--> statement-breakpoint
DROP INDEX "orders_of_product";--> statement-breakpoint
CREATE INDEX "payments_by_status" ON "payments" USING btree ("status","id");--> statement-breakpoint
CREATE INDEX "subscriptions_by_status" ON "subscriptions" USING btree ("status","id");--> statement-breakpoint
CREATE INDEX "organizations_of_tier" ON "organizations" USING btree ("tier_id",lower("name"),"id");--> statement-breakpoint
CREATE INDEX "gateway_objects_to_sweep" ON "gateway_objects" USING btree ("id") WHERE waiting_for is not null;--> statement-breakpoint
CREATE INDEX "orders_by_state" ON "orders" USING btree ("state","mode","ordered_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "customers_unlinked" ON "customers" USING btree ("mode","first_seen_at" DESC NULLS LAST,"id" DESC NULLS LAST) WHERE organization_id is null;--> statement-breakpoint
CREATE INDEX "orders_of_product" ON "orders" USING btree ("product_id","organization_id","ordered_at" DESC NULLS LAST,"id" DESC NULLS LAST);