ALTER TABLE "invoices" ADD COLUMN "included_tax_minor" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "quotes" ADD COLUMN "included_tax_minor" bigint DEFAULT 0 NOT NULL;