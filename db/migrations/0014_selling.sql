ALTER TABLE "commands" DROP CONSTRAINT "only_commands_about_plans_are_nobodys";--> statement-breakpoint
ALTER TABLE "gateway_prices" ADD COLUMN "product_code" text;--> statement-breakpoint
ALTER TABLE "gateway_products" ADD COLUMN "product_code" text;--> statement-breakpoint
CREATE INDEX "gateway_prices_of_gateway_product" ON "gateway_prices" USING btree ("product_ref");--> statement-breakpoint
ALTER TABLE "commands" ADD CONSTRAINT "only_commands_about_what_is_sold_are_nobodys" CHECK (("commands"."organization_id" is null) = ("commands"."object" like 'plan:%' or "commands"."object" like 'product:%'));