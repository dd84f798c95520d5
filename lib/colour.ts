/** `#rrggbb`. */
export type Colour = string;

/** The shades of an operator's accent colour in one theme, each readable where it is used. */
export type Shades = {
  /** Under the words of a button. */
  readonly accent: Colour;
  readonly hover: Colour;
  /** As words and rings on our surfaces. */
  readonly text: Colour;
  /** Under such words, as a quiet surface. */
  readonly soft: Colour;
  /** The words on the accent itself. */
  readonly on: Colour;
};

const BLACK = "#000000";
const WHITE = "#ffffff";
/** What WCAG asks of words at level AA. */
const READABLE = 4.5;
const STEP = 0.04;

/** The surfaces of app/globals.css that words of the accent colour may stand on. */
const THEMES = {
  light: { surfaces: ["#ffffff", "#f8f7f8", "#f3f1f3", "#f5f2f5"], base: WHITE, away: BLACK },
  dark: { surfaces: ["#131114", "#1a171b", "#221e23", "#231f24"], base: "#1a171b", away: WHITE },
} as const;

/** Whether a text is a colour as we write them. */
export function isColour(text: string | null | undefined): text is Colour {
  return /^#[0-9a-f]{6}$/i.test(text ?? "");
}

/** Black or white, whichever is easier to read on the colour; one of them always is. */
export function inkOn(colour: Colour): Colour {
  return contrast(colour, BLACK) > contrast(colour, WHITE) ? BLACK : WHITE;
}

/** The chosen colour for a theme, moved towards black or white only as far as reading demands. */
export function shadesOf(chosen: Colour, theme: keyof typeof THEMES): Shades {
  const { surfaces, base, away } = THEMES[theme];
  const on = inkOn(chosen);
  const soft = mix(base, chosen, theme === "light" ? 0.08 : 0.16);
  let text = chosen;
  for (let part = 0; part < 1 && !isReadable(text, [...surfaces, soft]); part += STEP) {
    text = mix(chosen, away, part);
  }
  // Away from the words on it, so that they stay as readable as they were.
  const hover = mix(chosen, on === WHITE ? BLACK : WHITE, 0.15);
  return { accent: chosen, hover, text, soft, on };
}

/** How well one is read on the other, from 1 to 21, as WCAG reckons it. */
export function contrast(one: Colour, other: Colour): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function isReadable(text: Colour, surfaces: readonly Colour[]): boolean {
  return surfaces.every((surface) => contrast(text, surface) >= READABLE);
}

/** So much of the second in the first. */
function mix(one: Colour, other: Colour, part: number): Colour {
  const [from, to] = [partsOf(one), partsOf(other)];
  const mixed = from.map((value, place) => value + ((to[place] ?? 0) - value) * part);
  return `#${mixed.map((value) => Math.round(value).toString(16).padStart(2, "0")).join("")}`;
}

function luminance(colour: Colour): number {
  const [red = 0, green = 0, blue = 0] = partsOf(colour).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function partsOf(colour: Colour): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}
