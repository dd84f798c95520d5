/** The beginning of a text, never with half a character at its end: nobody could keep or send that. */
export function beginningOf(text: string, lengthMax: number): string {
  return text.slice(0, lengthMax).replace(/[\ud800-\udbff]$/, "");
}
