type Reference = string | { readonly id: string } | null | undefined;

/** The id that a reference names; the world keeps ids only, though the SDK's types allow the object too. */
export function idOf(reference: string | { readonly id: string }): string;
export function idOf(reference: Reference): string | undefined;
export function idOf(reference: Reference): string | undefined {
  return typeof reference === "object" ? reference?.id : reference;
}
