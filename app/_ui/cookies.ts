/** The reader's own choices, kept in cookies that the server reads, so that nothing flashes. */
export type Theme = "system" | "light" | "dark";

export function readTheme(value: string | undefined): Theme {
  return value === "light" || value === "dark" ? value : "system";
}

/** Keeps a choice for a year. For client code. */
export function keepChoice(name: "theme" | "nav" | "zone", value: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet.
  document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; samesite=lax`;
}
