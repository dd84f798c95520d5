import { headers } from "next/headers";
import { settings } from "#app/_server/settings.ts";
import { AccentStyle } from "#app/_ui/accent-style.tsx";
import { isColour, type Shades, shadesOf } from "#lib/colour.ts";

/** The operator's accent colour, for the pages that stand under their name (`data-operator`). */
export async function Accent() {
  const nonce = (await headers()).get("x-nonce") ?? undefined;
  // A page is worth more than its colour: where settings cannot be read, the page itself says so.
  const chosen = await settings().catch(() => undefined);
  const colour = chosen?.accentColour;
  const css = isColour(colour) ? rule(shadesOf(colour, "light"), shadesOf(colour, "dark")) : "";
  return <AccentStyle css={css} nonce={nonce} />;
}

function rule(light: Shades, dark: Shades): string {
  const both = (shade: keyof Shades) => `light-dark(${light[shade]},${dark[shade]})`;
  return [
    ":root:has([data-operator]){",
    `--color-accent:${both("accent")};`,
    `--color-accent-hover:${both("hover")};`,
    `--color-accent-text:${both("text")};`,
    `--color-accent-soft:${both("soft")};`,
    `--color-on-accent:${both("on")}`,
    "}",
  ].join("");
}
