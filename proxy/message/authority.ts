import { isHost } from './characters.ts';

// RFC 3986 section 3.2.2; which characters may stand in a name is told by isHost.
const hostAndPort = /^(?:\[[\dA-Fa-f:.]+\]|[^:[\]]+)(?::\d{0,5})?$/;

/** Whether it is what Host and `:authority` may hold: a name or an IP literal, and a port (http-safety rule 9). */
export function isValidHost(host: string): boolean {
  let plain = true;
  for (let at = 0; at < host.length; at++) {
    const code = host.charCodeAt(at);
    if (isHost[code] !== 1) return false;
    if (code === 58 || code === 91 || code === 93) plain = false;
  }
  return host.length > 0 && (plain || hostAndPort.test(host));
}
