import { getSocketOption } from '../../proxy/libc.ts';
import type { Family } from './rules.ts';

const solIp = 0;
const solIpv6 = 41;
const soOriginalDst = 80;

const sockaddrIn = new Uint8Array(16);
const sockaddrIn6 = new Uint8Array(28);

/**
 * Where a redirected connection was going before the redirect (conntrack's SO_ORIGINAL_DST), the IPv6 address in
 * the canonical form of RFC 5952; undefined when conntrack does not know it. `family` is that of the peer's
 * address: an IPv4 peer of a `::` listener is 4. Ask at once on accept, later the entry may be gone.
 */
export function originalDestination(fd: number, family: Family): { address: string; port: number } | undefined {
  if (family === 4) {
    if (!getSocketOption({ fd, level: solIp, option: soOriginalDst }, sockaddrIn)) return undefined;
    const at = sockaddrIn;
    return { address: `${at[4]}.${at[5]}.${at[6]}.${at[7]}`, port: portOf(at) };
  }
  if (!getSocketOption({ fd, level: solIpv6, option: soOriginalDst }, sockaddrIn6)) return undefined;
  return { address: formatIpv6(sockaddrIn6.subarray(8, 24)), port: portOf(sockaddrIn6) };
}

/** Sixteen bytes as RFC 5952 text: lower case, the first longest run of at least two zero groups shortened to `::`. */
export function formatIpv6(bytes: Uint8Array): string {
  let runStart = -1;
  let runLength = 1;
  for (let at = 0; at < 8;) {
    let end = at;
    while (end < 8 && group(bytes, end) === 0) end += 1;
    if (end - at > runLength) {
      runStart = at;
      runLength = end - at;
    }
    at = end + 1;
  }
  let text = '';
  for (let at = 0; at < 8; at += 1) {
    if (at === runStart) {
      text += '::';
      at += runLength - 1;
    } else {
      text += (text === '' || text.endsWith(':') ? '' : ':') + group(bytes, at).toString(16);
    }
  }
  return text;
}

function group(bytes: Uint8Array, index: number): number {
  return ((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0);
}

function portOf(sockaddr: Uint8Array): number {
  return group(sockaddr, 1);
}
