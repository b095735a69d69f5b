import { readFile } from 'node:fs/promises';
import { sourceAddress } from '../../contract/sourceAddress.ts';
import type { Logger } from '../../runtime/log.ts';
import { findBackend, ip, restore } from './backend.ts';
import { type Family, type Interception, redirectRules, removalRules } from './rules.ts';

/**
 * Redirects this network namespace's connections to the sidecar, in both families. Applying again, also with
 * other settings, is safe and leaves live connections alone. Throws an error that says what to do.
 */
export async function applyInterception(interception: Interception, log: Logger): Promise<void> {
  await redirect(4, interception, log);
  const ipv6 = await readIpv6();
  if (ipv6 === 'absent') {
    log.info({ family: 6 }, 'IPv6 is disabled in this pod, only IPv4 is redirected');
    return;
  }
  try {
    // The sidecar calls its own app from ::6, as it does from 127.0.0.6 (which needs no such step).
    await ip(['-6', 'addr', 'replace', `${sourceAddress[6]}/128`, 'dev', 'lo']);
    await redirect(6, interception, log);
  } catch (error) {
    // With a reachable address this would let connections bypass the sidecar unseen.
    if (ipv6 === 'routed') throw error;
    log.warn({ family: 6, error }, 'IPv6 is not redirected; this pod has no IPv6 address but loopback');
  }
}

/** Takes everything back that `applyInterception` did; also safe to repeat. */
export async function removeInterception(log: Logger): Promise<void> {
  const ipv6 = await readIpv6();
  const families: readonly Family[] = ipv6 === 'absent' ? [4] : [4, 6];
  for (const family of families) {
    const backend = await findBackend(family);
    const text = removalRules(backend.saved);
    if (text !== undefined) await restore(backend, text);
    log.info({ family, backend: backend.command }, 'Redirect rules removed');
  }
  if (await hasIpv6(writtenSourceAddress)) await ip(['-6', 'addr', 'del', `${sourceAddress[6]}/128`, 'dev', 'lo']);
}

async function redirect(family: Family, interception: Interception, log: Logger): Promise<void> {
  const backend = await findBackend(family);
  await restore(backend, redirectRules(family, interception, backend.saved));
  log.info({ family, backend: backend.command, ...interception }, 'Redirect rules applied');
}

/** `/proc/net/if_inet6` writes `sourceAddress[6]` so. */
const writtenSourceAddress = '00000000000000000000000000000006';

async function readIpv6(): Promise<'absent' | 'local' | 'routed'> {
  const addresses = await readIpv6Addresses();
  if (addresses.length === 0) return 'absent';
  return addresses.some((address) => address.scope === '00' && address.device !== 'lo') ? 'routed' : 'local';
}

async function hasIpv6(address: string): Promise<boolean> {
  const addresses = await readIpv6Addresses();
  return addresses.some((known) => known.address === address);
}

/** Scope 00 is global, 20 link-local. The file is absent where the kernel has no IPv6, empty where it is disabled. */
async function readIpv6Addresses(): Promise<{ address: string; scope: string; device: string }[]> {
  const text = await readFile('/proc/self/net/if_inet6', 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [address = '', , , scope = '', , device = ''] = line.split(/\s+/);
      return { address, scope, device };
    });
}
