import { isIPv4 } from "node:net";
import ipaddr from "ipaddr.js";

/** What counts as one address: an IPv4 address, or an IPv6 network of the size one household gets. */
export function addressKey(ip: string | null | undefined): string {
  // Written in the one way there is. Every forged webhook is asked for its key, and reading it costs more.
  if (ip && isIPv4(ip)) return ip;
  if (!ip || !ipaddr.isValid(ip)) return "unknown";
  const address = ipaddr.process(ip);
  if (address.kind() === "ipv4") return address.toString();
  return address.toByteArray().slice(0, 8).join(".");
}
