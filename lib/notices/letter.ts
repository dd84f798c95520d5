import { inkOn, isColour } from "../colour.ts";
import { type Html, html } from "./html.ts";

/** What a mail says, apart from how it looks: plain words, never HTML. */
export type Letter = {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  /** Name and value, such as invoice and number. Empty values are left out. */
  readonly facts?: readonly (readonly [string, string])[];
  /** What to do next, the most important first. Those without a web address are left out. */
  readonly actions?: readonly { readonly label: string; readonly url: string }[];
  readonly closing?: readonly string[];
};

/** Whose mail it is. */
export type Brand = {
  readonly productName: string;
  readonly publicUrl: string;
  readonly supportEmail: string | null;
  readonly accentColour: string | null;
};

export type Rendered = { readonly subject: string; readonly text: string; readonly html: string };

const SUBJECT_MAX = 200;
const LINE_MAX = 2_000;

/** Makes both parts of a mail. Names and amounts come from outside: nothing in them becomes markup or a header. */
export function render(letter: Letter, brand: Brand): Rendered {
  const clean = {
    subject: oneLine(letter.subject, SUBJECT_MAX),
    paragraphs: letter.paragraphs.map((text) => oneLine(text)),
    facts: (letter.facts ?? [])
      .map(([name, value]) => [oneLine(name), oneLine(value)] as const)
      .filter(([, value]) => value !== ""),
    actions: (letter.actions ?? []).filter(({ url }) => isWebAddress(url)),
    closing: (letter.closing ?? []).map((text) => oneLine(text)),
  };
  const from = [`Sent by ${oneLine(brand.productName)}.`];
  if (brand.supportEmail) from.push(`Questions? Write to ${oneLine(brand.supportEmail)}.`);
  return {
    subject: clean.subject,
    text: plain(clean, from.join(" ")),
    html: page(clean, brand, from.join(" ")).html,
  };
}

type Clean = Required<Letter>;

function plain({ paragraphs, facts, actions, closing }: Clean, footer: string): string {
  const blocks = [
    ...paragraphs,
    facts.map(([name, value]) => `${name}: ${value}`).join("\n"),
    ...actions.map(({ label, url }) => `${label}:\n${url}`),
    ...closing,
    `-- \n${footer}`,
  ];
  return `${blocks.filter(Boolean).join("\n\n")}\n`;
}

/** One column in one table, styled in place: what every mail program shows alike. */
function page(
  { subject, paragraphs, facts, actions, closing }: Clean,
  brand: Brand,
  footer: string,
): Html {
  const colour = isColour(brand.accentColour) ? brand.accentColour : "#1d4ed8";
  const text = "margin:0 0 16px;font-size:16px;line-height:24px;color:#1f2328";
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light"><title>${subject}</title></head>
<body style="margin:0;padding:0;background:#f6f7f9">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:#f6f7f9"><tr><td align="center" style="padding:32px 16px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:560px;background:#ffffff;border:1px solid #dfe3e8;border-radius:8px;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"><tr><td style="padding:32px">
<p style="margin:0 0 24px;font-size:14px;line-height:20px;font-weight:600;color:#59636e">${brand.productName}</p>
${paragraphs.map((words) => html`<p style="${text}">${words}</p>\n`)}${factTable(facts)}${actions.map(
  ({ label, url }, index) => (index === 0 ? button(label, url, colour) : link(label, url, text)),
)}${closing.map((words) => html`<p style="margin:16px 0 0;font-size:14px;line-height:20px;color:#59636e">${words}</p>\n`)}
</td></tr></table>
<p style="max-width:560px;margin:16px auto 0;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:12px;line-height:18px;color:#59636e">${footer}</p>
</td></tr></table></body></html>
`;
}

function factTable(facts: Clean["facts"]): Html | null {
  if (facts.length === 0) return null;
  const rows = facts.map(
    ([
      name,
      value,
    ]) => html`<tr><td style="padding:6px 16px 6px 0;font-size:14px;line-height:20px;color:#59636e;vertical-align:top">${name}</td><td style="padding:6px 0;font-size:14px;line-height:20px;color:#1f2328">${value}</td></tr>
`,
  );
  return html`<table cellpadding="0" cellspacing="0" style="margin:0 0 24px">${rows}</table>\n`;
}

function button(label: string, url: string, colour: string): Html {
  return html`<p style="margin:0 0 16px"><a href="${url}" style="display:inline-block;padding:12px 20px;border-radius:8px;background:${colour};color:${inkOn(colour)};font-size:16px;line-height:24px;font-weight:600;text-decoration:none">${label}</a></p>
`;
}

function link(label: string, url: string, style: string): Html {
  return html`<p style="${style}"><a href="${url}" style="color:#1f2328">${label}</a></p>\n`;
}

/** Words on one line: no line break reaches a header, and nobody's name fills the mail. */
function oneLine(text: string, most = LINE_MAX): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ").trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

function isWebAddress(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) && !/[\s<>"]/.test(url);
}
