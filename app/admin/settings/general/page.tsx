import type { Metadata } from "next";
import { requireAdministrator } from "#app/_server/session.ts";
import { CheckField, SelectField, TextField } from "#app/_ui/field.tsx";
import { FieldSet } from "#app/_ui/fieldset.tsx";
import { Form } from "#app/_ui/form.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { Card } from "#app/_ui/section.tsx";
import { Seen } from "#app/_ui/seen.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import { seenOf } from "#lib/seen.ts";
import { productSettings, settingsShown, timings } from "#lib/settings/views.ts";
import { save } from "./actions.ts";

export const metadata: Metadata = { title: "General" };

const SOURCES = {
  settings: "",
  environment: "Empty: the environment's BILLHOOK_URL holds",
  default: "Empty: the address that this server listens on holds",
} as const;

const TIMINGS = Object.entries(timings).map(([value, label]) => ({ value, label }));

/** What the operator chooses about the product. */
export default async function GeneralSettingsPage() {
  await requireAdministrator();
  const product = await productSettings();
  const isChosen = product.publicUrlSource === "settings";
  return (
    <>
      <PageHeader
        title="General"
        breadcrumbs={[{ label: "Settings", href: "/admin/settings" }, { label: "General" }]}
      />
      <Card>
        <Form action={save} className="grid max-w-xl gap-5">
          <TextField
            name="productName"
            label="Product name"
            hint="Customers see it on the pricing page, in the portal and in mails."
            defaultValue={product.productName}
            maxLength={80}
            required
          />
          <TextField
            name="publicUrl"
            label="Public address"
            hint={
              isChosen
                ? "Where this deployment, or your tunnel to it, is reached from outside."
                : `Where this deployment, or your tunnel to it, is reached from outside. ${SOURCES[product.publicUrlSource]}.`
            }
            defaultValue={isChosen ? product.publicUrl : ""}
            placeholder={product.publicUrl}
            inputMode="url"
            optional
            mono
          />
          <TextField
            name="supportEmail"
            label="Support e-mail address"
            hint="Shown to customers who need a person."
            type="email"
            defaultValue={product.supportEmail ?? ""}
            optional
          />
          <TextField
            name="graceDays"
            label="Days of grace"
            hint="How long an organization keeps its tier after a payment failed, from 0 to 60."
            type="number"
            min={0}
            max={60}
            step={1}
            defaultValue={product.graceDays}
            required
          />
          <TextField
            name="monthsKept"
            label="Months of events"
            hint="How long webhook events and what was done with them are kept, from 4 to 240. Older ones are deleted."
            type="number"
            min={4}
            max={240}
            step={1}
            defaultValue={product.monthsKept}
            required
          />
          <TextField
            name="accentColour"
            label="Accent colour"
            hint="Of buttons and links in mails, the portal and the pricing page, as #rrggbb. Where it is hard to read, it is darkened or lightened."
            defaultValue={product.accentColour ?? ""}
            placeholder="#3b5bdb"
            maxLength={7}
            optional
            mono
          />
          <FieldSet
            legend="Changes of plan"
            hint="When a change takes effect. At once means when it is paid; what is left of the period is credited."
          >
            <SelectField
              name="upgradeTiming"
              label="To more"
              options={TIMINGS}
              defaultValue={product.upgradeTiming}
            />
            <SelectField
              name="downgradeTiming"
              label="To less"
              options={TIMINGS}
              defaultValue={product.downgradeTiming}
            />
            <CheckField
              name="isTimingFree"
              label="Customers may choose the other one"
              defaultChecked={product.isTimingFree}
            />
          </FieldSet>
          <CheckField
            name="isPauseAllowed"
            label="Customers may pause their subscription"
            hint="While it is paused nothing is charged, and the plan does not count. What is left of the paid period is not given back; a new one begins when they resume."
            defaultChecked={product.isPauseAllowed}
          />
          <FieldSet legend="Paying">
            <CheckField
              name="takesPromotionCodes"
              label="Customers may enter promotion codes"
              hint="On the gateway’s page, where they pay."
              defaultChecked={product.takesPromotionCodes}
            />
            <CheckField
              name="worksOutTax"
              label="Let Stripe work out tax"
              hint="For subscriptions and orders from now on, by the address that its page asks for. Set up Stripe Tax there first."
              defaultChecked={product.worksOutTax}
            />
          </FieldSet>
          <Seen value={seenOf(settingsShown(product))} />
          <div>
            <SubmitButton>Save settings</SubmitButton>
          </div>
        </Form>
      </Card>
    </>
  );
}
