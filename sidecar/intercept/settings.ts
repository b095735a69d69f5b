import { isIP } from 'node:net';
import { sidecarUid } from '../../contract/containers.ts';
import { ports } from '../../contract/ports.ts';
import { podVariables } from '../../contract/variables.ts';
import { logLevels } from '../../runtime/log.ts';
import { integer, list, oneOf } from '../../runtime/settings.ts';
import type { Interception, SidecarPackets } from './rules.ts';

const portRange = { min: 1, max: 65_535 };

/** The environment of heddle-init. */
export const initSettings = {
  logLevel: oneOf('HEDDLE_LOG_LEVEL', logLevels, 'info'),
  outboundPort: integer(podVariables.outboundPort, ports.outbound, portRange),
  inboundPort: integer(podVariables.inboundPort, ports.inbound, portRange),
  sidecarUid: integer(podVariables.sidecarUid, sidecarUid, { min: 0, max: 4_294_967_294 }),
  /** 0: the sidecar is known by its uid. */
  sidecarMark: integer(podVariables.sidecarMark, 0, { min: 0, max: 4_294_967_295 }),
  skipInboundPorts: list(podVariables.skipInboundPorts, [], checkPort),
  skipOutboundPorts: list(podVariables.skipOutboundPorts, [], checkPort),
  skipSubnets: list(podVariables.skipSubnets, [], checkSubnet),
};

/** What to redirect, from settings that were read and found right. */
export function interceptionOf(settings: {
  readonly outboundPort: number;
  readonly inboundPort: number;
  readonly sidecarUid: number;
  readonly sidecarMark: number;
  readonly skipInboundPorts: readonly string[];
  readonly skipOutboundPorts: readonly string[];
  readonly skipSubnets: readonly string[];
}): Interception {
  const { outboundPort, inboundPort, sidecarMark, skipSubnets } = settings;
  const sidecar: SidecarPackets =
    sidecarMark === 0 ? { type: 'uid', uid: settings.sidecarUid } : { type: 'mark', mark: sidecarMark };
  return {
    outboundPort,
    inboundPort,
    sidecar,
    skipSubnets,
    skipInboundPorts: settings.skipInboundPorts.map(Number),
    skipOutboundPorts: settings.skipOutboundPorts.map(Number),
  };
}

function checkPort(given: string): string | undefined {
  const port = /^\d{1,5}$/.test(given) ? Number(given) : 0;
  return port >= portRange.min && port <= portRange.max
    ? undefined
    : `"${given}" is not a port: give ports from ${portRange.min} to ${portRange.max}, separated by commas`;
}

function checkSubnet(given: string): string | undefined {
  const [address = '', prefix = '', ...more] = given.split('/');
  const family = isIP(address);
  const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.POSITIVE_INFINITY;
  if (family !== 0 && bits <= (family === 4 ? 32 : 128) && more.length === 0 && !address.includes('%'))
    return undefined;
  return `"${given}" is not a subnet: give CIDRs such as 10.0.0.0/8 or fd00::/8, separated by commas`;
}
