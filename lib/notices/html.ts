/** HTML that is safe to put into HTML. Only `html` makes it. */
export type Html = { readonly html: string };

type Piece = string | number | Html | readonly Html[] | null | undefined;

/** Writes HTML. Everything put into it is escaped, unless it is HTML itself; attributes need quotes. */
export function html(strings: TemplateStringsArray, ...pieces: Piece[]): Html {
  let text = strings[0] ?? "";
  pieces.forEach((piece, index) => {
    text += textOf(piece) + (strings[index + 1] ?? "");
  });
  return { html: text };
}

function textOf(piece: Piece): string {
  if (piece === null || piece === undefined) return "";
  if (typeof piece === "string") return escaped(piece);
  if (typeof piece === "number") return String(piece);
  return "html" in piece ? piece.html : piece.map((one) => one.html).join("");
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
