import { z } from "zod";
import { db } from "#db/client.ts";
import type { Administrator } from "../actor.ts";
import { recordDeed } from "../audit/store.ts";
import { checked, line } from "../input.ts";
import { refuseUnseen } from "../seen.ts";
import { lockSettings, readSettings, writeSetting } from "./store.ts";
import { choicesInWords, productSettings, settingsShown } from "./views.ts";

const optional = z
  .string()
  .trim()
  .transform((value) => value || null)
  .nullable()
  .default(null);

const timing = z.enum(["now", "renewal"], "Choose when a change takes effect.");

const product = z.object({
  productName: line("the product's name", 80),
  publicUrl: optional.transform((value, context) => value && baseUrl(value, context)),
  supportEmail: optional.pipe(
    z
      .email("This is not an e-mail address.")
      .max(254, "This is too long for an e-mail address.")
      .nullable(),
  ),
  graceDays: z
    .number("Give a number of days.")
    .int("Give whole days.")
    .min(0, "Give 0 days or more.")
    .max(60, "Give 60 days or fewer."),
  monthsKept: z
    .number("Give a number of months.")
    .int("Give whole months.")
    .min(4, "Give 4 months or more: gateways and people ask about that time.")
    .max(240, "Give 240 months or fewer.")
    .optional(),
  accentColour: optional.pipe(
    z
      .string()
      .regex(/^#[0-9a-f]{6}$/i, "Write it as #rrggbb, such as #3b5bdb.")
      .toLowerCase()
      .nullable(),
  ),
  upgradeTiming: timing.optional(),
  downgradeTiming: timing.optional(),
  isTimingFree: z.boolean().optional(),
  isPauseAllowed: z.boolean().optional(),
  takesPromotionCodes: z.boolean().optional(),
  worksOutTax: z.boolean().optional(),
});

/** Keeps what the operator chooses about the product. Only what differs is written and told. */
export async function saveProductSettings(
  actor: Administrator,
  input: z.input<typeof product> & { seen?: string },
): Promise<void> {
  const { seen, ...given } = checked(
    product.extend({ seen: z.string().max(64).optional() }),
    input,
  );
  await db().transaction(async (tx) => {
    await lockSettings(tx);
    refuseUnseen(seen, settingsShown(await productSettings(tx)), choicesInWords(given));
    const known = await readSettings(tx);
    const changed = Object.entries(given).filter(
      ([key, value]) => value !== undefined && (known.get(key) ?? null) !== value,
    );
    if (changed.length === 0) return;
    for (const [key, value] of changed) await writeSetting(tx, key, value, actor.userId);
    await recordDeed(tx, actor, {
      action: "settings.save",
      subject: "product settings",
      before: Object.fromEntries(changed.map(([key]) => [key, known.get(key) ?? null])),
      after: Object.fromEntries(changed),
    });
  });
}

function baseUrl(value: string, context: z.RefinementCtx): string | null {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isPlain =
    url && /^https?:$/.test(url.protocol) && url.pathname === "/" && !url.search && !url.hash;
  if (!url || !isPlain || url.username || value.length > 300) {
    const message = "Write an address without a path, such as https://billing.example.com.";
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  }
  return url.origin;
}
