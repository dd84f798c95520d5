DROP INDEX "checkouts_of_subscription";--> statement-breakpoint
DROP INDEX "checkouts_of_payment";--> statement-breakpoint
DROP INDEX "invoices_of_subscription";--> statement-breakpoint
DROP INDEX "subscriptions_of_customer";--> statement-breakpoint
DROP INDEX "subscriptions_by_price";--> statement-breakpoint
DROP INDEX "payment_methods_of_customer";--> statement-breakpoint
CREATE INDEX "checkouts_of_subscription" ON "checkouts" USING btree ("subscription_ref");--> statement-breakpoint
CREATE INDEX "checkouts_of_payment" ON "checkouts" USING btree ("payment_ref");--> statement-breakpoint
CREATE INDEX "invoices_of_subscription" ON "invoices" USING btree ("subscription_ref");--> statement-breakpoint
CREATE INDEX "subscriptions_of_customer" ON "subscriptions" USING btree ("customer_ref");--> statement-breakpoint
CREATE INDEX "subscriptions_by_price" ON "subscriptions" USING btree ("price_ref");--> statement-breakpoint
CREATE INDEX "payment_methods_of_customer" ON "payment_methods" USING btree ("customer_ref");