/*
 * A small writer of PDF: one font, lines of text, as many A4 pages as they need. Enough for a document
 * that any reader opens; nothing more.
 */

export type PdfLine = {
  readonly text: string;
  readonly size?: number;
  readonly isBold?: boolean;
  /** Set at the right margin of the same line, such as an amount. */
  readonly right?: string;
};

const WIDTH = 595;
const HEIGHT = 842;
const MARGIN = 56;
const LINE = 18;
const LINES_PER_PAGE = 38;

/** A PDF document of lines of text. Letters outside of Latin-1 become question marks. */
export function pdfOf(lines: readonly PdfLine[]): Uint8Array<ArrayBuffer> {
  const pages: PdfLine[][] = [];
  for (let at = 0; at < Math.max(1, lines.length); at += LINES_PER_PAGE) {
    pages.push(lines.slice(at, at + LINES_PER_PAGE));
  }
  const kids = pages.map((_page, place) => `${5 + place * 2} 0 R`).join(" ");
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    "<< /Type /Font /Subtype /Type1 /BaseFont /Courier-Bold /Encoding /WinAnsiEncoding >>",
    ...pages.flatMap((page, place) => {
      const content = contentOf(page);
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${WIDTH} ${HEIGHT}] /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents ${6 + place * 2} 0 R >>`,
        `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
      ];
    }),
  ];
  return bytesOf(objects);
}

function contentOf(lines: readonly PdfLine[]): string {
  return lines
    .flatMap(({ text, size = 10, isBold = false, right }, place) => {
      const y = HEIGHT - MARGIN - place * LINE;
      const font = isBold ? "F2" : "F1";
      const left = shown(text, font, size, MARGIN, y);
      if (right === undefined) return [left];
      // Each letter of Courier is six tenths of its size wide.
      const x = WIDTH - MARGIN - latin(right).length * size * 0.6;
      return [left, shown(right, font, size, x, y)];
    })
    .join("\n");
}

function shown(text: string, font: string, size: number, x: number, y: number): string {
  const escaped = latin(text).replaceAll(/[\\()]/g, "\\$&");
  return `BT /${font} ${size} Tf ${x.toFixed(1)} ${y} Td (${escaped}) Tj ET`;
}

/** The euro is where WinAnsi has it; other letters that it has not are question marks. */
function latin(text: string): string {
  return text
    .replaceAll(/[\u2010-\u2015\u2212]/g, "-")
    .replaceAll("€", "\x80")
    .replaceAll(/[^\x20-\xff]/g, "?");
}

function bytesOf(objects: readonly string[]): Uint8Array<ArrayBuffer> {
  let file = "%PDF-1.4\n";
  const places = objects.map((object, index) => {
    const place = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return place;
  });
  const start = file.length;
  const entries = places.map((place) => `${String(place).padStart(10, "0")} 00000 n \n`).join("");
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}`;
  file += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Uint8Array.from(file, (letter) => letter.charCodeAt(0));
}
