/** This machine's own names: where a stand-in for a gateway has its pages. */
const HERE = /^(?:localhost|127\.0\.0\.1|\[::1\])$/;

/** Only an address of the secured web may become a link, or one of this machine: it came from outside. */
export function safeLink(url: string | null | undefined): string | undefined {
  if (!url || !URL.canParse(url)) return undefined;
  const { protocol, hostname } = new URL(url);
  const isSafe = protocol === "https:" || (protocol === "http:" && HERE.test(hostname));
  return isSafe ? url : undefined;
}
