import { isIP } from 'node:net';
import { logLevels } from '../../runtime/log.ts';
import { integer, list, oneOf } from '../../runtime/settings.ts';
import type { Interception, SidecarPackets } from './rules.ts';

const ports = { min: 1, max: 65_535 };

/** The environment of heddle-init. */
export const initSettings = {
  logLevel: oneOf('HEDDLE_LOG_LEVEL', logLevels, 'info'),
  outboundPort: integer('HEDDLE_OUTBOUND_PORT', 15_001, ports),
  inboundPort: integer('HEDDLE_INBOUND_PORT', 15_006, ports),
  sidecarUid: integer('HEDDLE_SIDECAR_UID', 1337, { min: 0, max: 4_294_967_294 }),
  /** 0: the sidecar is known by its uid. */
  sidecarMark: integer('HEDDLE_SIDECAR_MARK', 0, { min: 0, max: 4_294_967_295 }),
  skipInboundPorts: list('HEDDLE_SKIP_INBOUND_PORTS', [], checkPort),
  skipOutboundPorts: list('HEDDLE_SKIP_OUTBOUND_PORTS', [], checkPort),
  skipSubnets: list('HEDDLE_SKIP_SUBNETS', [], checkSubnet),
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
  const { outboundPort, inboundPort, sidecarUid, sidecarMark, skipSubnets } = settings;
  const sidecar: SidecarPackets =
    sidecarMark === 0 ? { type: 'uid', uid: sidecarUid } : { type: 'mark', mark: sidecarMark };
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
  return port >= ports.min && port <= ports.max
    ? undefined
    : `"${given}" is not a port: give ports from ${ports.min} to ${ports.max}, separated by commas`;
}

function checkSubnet(given: string): string | undefined {
  const [address = '', prefix = '', ...more] = given.split('/');
  const family = isIP(address);
  const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.POSITIVE_INFINITY;
  if (family !== 0 && bits <= (family === 4 ? 32 : 128) && more.length === 0 && !address.includes('%'))
    return undefined;
  return `"${given}" is not a subnet: give CIDRs such as 10.0.0.0/8 or fd00::/8, separated by commas`;
}
