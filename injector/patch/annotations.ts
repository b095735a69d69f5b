import { isIP } from 'node:net';
import { wishAnnotations } from '../../contract/labels.ts';
import { defaultOpaquePorts } from '../../contract/opaquePorts.ts';
import { podVariables } from '../../contract/variables.ts';
import type { Pod } from './pod.ts';

/** What the pod's annotations ask for, each as the text of the environment variable that carries it. */
export type Wishes = {
  readonly skipInboundPorts: readonly number[];
  readonly init: Readonly<Record<string, string>>;
  readonly sidecar: Readonly<Record<string, string>>;
};

const portsHelp = 'write ports from 1 to 65535, separated by commas, such as "3306,6379"';
const subnetsHelp = 'write CIDRs, separated by commas, such as "10.0.0.0/8,fd00::/8"';

/** Reads heddle.dev/skip-* and opaque-ports. `message` names the first wrong annotation, and what to write. */
export function readWishes({
  annotations,
}: Pod): { readonly ok: true; readonly wishes: Wishes } | { readonly ok: false; readonly message: string } {
  const problems: string[] = [];

  function read(name: string, isRight: (item: string) => boolean, help: string): readonly string[] {
    const given = annotations[name];
    if (given === undefined) return [];
    const text = typeof given === 'string' ? given : JSON.stringify(given);
    const items = text.split(',').map((item) => item.trim());
    const filled = items.filter((item) => item !== '');
    const wrong = typeof given === 'string' ? filled.find((item) => !isRight(item)) : text;
    if (wrong === undefined) return filled;
    problems.push(`annotation ${name}: ${JSON.stringify(wrong.slice(0, 60))} is wrong; ${help}`);
    return [];
  }

  const skipInbound = read(wishAnnotations.skipInboundPorts, isPort, portsHelp);
  const skipOutbound = read(wishAnnotations.skipOutboundPorts, isPort, portsHelp);
  const subnets = read(wishAnnotations.skipSubnets, isSubnet, subnetsHelp);
  const opaque = read(wishAnnotations.opaquePorts, isPort, portsHelp);
  const [message] = problems;
  if (message !== undefined) return { ok: false, message };
  return {
    ok: true,
    wishes: {
      skipInboundPorts: skipInbound.map(Number),
      init: {
        ...listed(podVariables.skipInboundPorts, skipInbound),
        ...listed(podVariables.skipOutboundPorts, skipOutbound),
        ...listed(podVariables.skipSubnets, subnets),
      },
      // The setting replaces the defaults, the annotation adds to them.
      sidecar:
        opaque.length === 0 ? {} : listed(podVariables.opaquePorts, [...defaultOpaquePorts.map(String), ...opaque]),
    },
  };
}

function listed(variable: string, items: readonly string[]): Record<string, string> {
  return items.length === 0 ? {} : { [variable]: [...new Set(items)].join(',') };
}

function isPort(item: string): boolean {
  return /^\d{1,5}$/.test(item) && Number(item) >= 1 && Number(item) <= 65_535;
}

function isSubnet(item: string): boolean {
  const [address = '', prefix = '', ...more] = item.split('/');
  const family = isIP(address);
  const isPrefix = /^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128);
  return family !== 0 && isPrefix && more.length === 0 && !address.includes('%');
}
