/**
 * The one spelling of an IP address that names resources: IPv4 as four decimal numbers, IPv6 as RFC 5952 has it, and
 * IPv4-mapped IPv6 as IPv4. undefined when the text is no IP address.
 */
export function canonicalAddress(address: string): string | undefined {
  if (!address.includes(':')) return isIPv4(address) ? address : undefined;
  const mapped = /^::ffff:(?<ipv4>\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.groups?.['ipv4'];
  if (mapped !== undefined) return canonicalAddress(mapped);
  // The host of a URL is serialised as RFC 5952 asks: https://url.spec.whatwg.org/#concept-ipv6-serializer
  const url = /^[\da-f:.]+$/i.test(address) ? URL.parse(`http://[${address}]/`) : null;
  return url === null ? undefined : url.hostname.slice(1, -1);
}

function isIPv4(address: string): boolean {
  const parts = address.split('.');
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}
