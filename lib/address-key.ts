import ipaddr from "ipaddr.js";

/** What counts as one address: an IPv4 address, or an IPv6 network of the size one household gets. */
export function addressKey(ip: string | null | undefined): string {
  if (!ip || !ipaddr.isValid(ip)) return "unknown";
  const address = ipaddr.process(ip);
  if (address.kind() === "ipv4") return address.toString();
  return address.toByteArray().slice(0, 8).join(".");
}
