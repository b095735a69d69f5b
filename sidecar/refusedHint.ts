import { closeSync, openSync, readSync } from 'node:fs';
import { createSeldom } from '../runtime/seldom.ts';
import type { Original } from './redirected/path.ts';

/** Says why a port of the application refuses connections at the pod's address, where its listeners tell. */
export type RefusedHint = (original: Original) => string | undefined;

const listening = '0A';
const places = {
  '0100007F': '127.0.0.1',
  '00000000000000000000000001000000': '::1',
  '00000000': '0.0.0.0',
} as const;

/**
 * Looks for listeners of the port in /proc/net/tcp and tcp6, which begin with them (man 5 proc). A port is looked for at most
 * every ten seconds, and a few ports in that time: anybody may call closed ones. For the log only: who calls must not
 * learn what listens on loopback.
 */
export function createRefusedHint(read: (file: string) => string = readBeginning): RefusedHint {
  const mayLook = createSeldom(10_000, 16);
  const seen = new Map<number, ReadonlySet<string>>();
  return ({ address, port }) => {
    if (mayLook(String(port))) {
      if (seen.size >= 64) seen.clear();
      seen.set(port, new Set(['tcp', 'tcp6'].flatMap((file) => listenersOf(port, read(`/proc/self/net/${file}`)))));
    }
    const found = seen.get(port) ?? new Set<string>();
    const loopback = [...found].filter((place) => place !== places['00000000']);
    if (loopback.length > 0 && loopback.length === found.size)
      return `the application listens on ${loopback.join(' and ')} only: have it listen on all addresses, or on the pod's`;
    if (found.has(places['00000000']) && address.includes(':'))
      return 'the application listens on IPv4 only: have it listen on [::] as well';
    return undefined;
  };
}

/** The addresses of `places` where somebody listens on this port. */
function listenersOf(port: number, table: string): readonly string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state] = line.trim().split(/ +/);
    const address = local.slice(0, -wanted.length);
    if (state !== listening || !local.endsWith(wanted) || !isPlace(address)) return [];
    return [places[address]];
  });
}

function isPlace(address: string): address is keyof typeof places {
  return Object.hasOwn(places, address);
}

/** The first 64 KiB: listeners come before connections, of which there may be thousands. Empty where there is none. */
function readBeginning(file: string): string {
  const buffer = Buffer.allocUnsafe(65_536);
  let length = 0;
  try {
    const fd = openSync(file, 'r');
    try {
      for (let more = 1; more > 0; length += more) more = readSync(fd, buffer, length, buffer.length - length, null);
    } finally {
      closeSync(fd);
    }
  } catch {
    // No IPv6, or no /proc: then nothing can be said.
  }
  return buffer.toString('latin1', 0, length);
}
