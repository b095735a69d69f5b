import { isIP } from 'node:net';
import { wishAnnotations } from '../../contract/labels.ts';
import { defaultOpaquePorts } from '../../contract/opaquePorts.ts';
import { type SidecarOption, sidecarOptions } from '../../contract/sidecarOptions.ts';
import { podVariables } from '../../contract/variables.ts';
import { parseDuration } from './duration.ts';
import type { Give } from './given.ts';

/** What annotations ask for, each as the text of the environment variable that carries it. */
export type Wishes = {
  readonly skipInboundPorts: readonly number[];
  readonly init: Readonly<Record<string, string>>;
  readonly sidecar: Readonly<Record<string, string>>;
};

const portsHelp = 'write ports from 1 to 65535, separated by commas, such as "3306,6379"';
const subnetsHelp = 'write CIDRs, separated by commas, such as "10.0.0.0/8,fd00::/8"';

/** Reads all that annotations ask for but resources. `message` names the first wrong one, and what to write. */
export function readWishes(
  give: Give,
): { readonly ok: true; readonly wishes: Wishes } | { readonly ok: false; readonly message: string } {
  const problems: string[] = [];

  function read(name: string, isRight: (item: string) => boolean, help: string): readonly string[] {
    const given = give(name);
    if (given === undefined) return [];
    const { value, what } = given;
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const items = text.split(',').map((item) => item.trim());
    const filled = items.filter((item) => item !== '');
    const wrong = typeof value === 'string' ? filled.find((item) => !isRight(item)) : text;
    if (wrong === undefined) return filled;
    problems.push(`${what}: ${JSON.stringify(wrong.slice(0, 60))} is wrong; ${help}`);
    return [];
  }

  function readOption(option: SidecarOption): [string, string][] {
    const given = give(option.annotation);
    if (given === undefined) return [];
    const value = typeof given.value === 'string' ? valueOf(option, given.value) : undefined;
    if (value !== undefined) return [[option.variable, value]];
    const text = JSON.stringify(given.value).slice(0, 60);
    problems.push(`${given.what}: ${text} is wrong; ${helpOf(option)}`);
    return [];
  }

  const skipInbound = read(wishAnnotations.skipInboundPorts, isPort, portsHelp);
  const skipOutbound = read(wishAnnotations.skipOutboundPorts, isPort, portsHelp);
  const subnets = read(wishAnnotations.skipSubnets, isSubnet, subnetsHelp);
  const opaque = read(wishAnnotations.opaquePorts, isPort, portsHelp);
  const options = Object.fromEntries(sidecarOptions.flatMap((option) => readOption(option)));
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
      sidecar: {
        ...(opaque.length === 0
          ? {}
          : listed(podVariables.opaquePorts, [...defaultOpaquePorts.map(String), ...opaque])),
        ...options,
      },
    },
  };
}

/** The text of the option's variable; undefined for a value that it cannot have. */
function valueOf(option: SidecarOption, text: string): string | undefined {
  if (option.type === 'word') return option.words.includes(text) ? text : undefined;
  const wrong = Number.NaN;
  const value =
    option.type === 'time' ? (parseDuration(text) ?? wrong) : /^\d{1,11}$/.test(text) ? Number(text) : wrong;
  return value >= option.min && value <= option.max ? String(value) : undefined;
}

function helpOf(option: SidecarOption): string {
  if (option.type === 'word') return `write one of ${option.words.join(', ')}`;
  if (option.type === 'number') return `write a whole number from ${option.min} to ${option.max}`;
  return `write a time from ${option.min}ms to ${option.max / 1000}s, such as "500ms", "10s" or "1m30s"`;
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
