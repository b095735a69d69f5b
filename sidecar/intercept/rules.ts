import { ports } from '../../contract/ports.ts';
import { sourceAddress } from '../../contract/sourceAddress.ts';

export type Family = 4 | 6;

/** How packets of the sidecar itself are told apart, so that they are not redirected to it again. */
export type SidecarPackets =
  | { readonly type: 'uid'; readonly uid: number }
  /** Its sockets carry this firewall mark (SO_MARK): for a user namespace that maps one uid only. */
  | { readonly type: 'mark'; readonly mark: number };

/** What to redirect where. Subnets are CIDRs of either family; each family takes its own. */
export type Interception = {
  readonly outboundPort: number;
  readonly inboundPort: number;
  readonly sidecar: SidecarPackets;
  readonly skipInboundPorts: readonly number[];
  readonly skipOutboundPorts: readonly number[];
  readonly skipSubnets: readonly string[];
};

/** Metrics and readiness: asked from outside the pod, answered by the sidecar itself, never redirected. */
const ownPorts = [ports.metrics, ports.ready];

const chains = ['HEDDLE_INBOUND', 'HEDDLE_OUTBOUND'] as const;
const hooks = { HEDDLE_INBOUND: 'PREROUTING', HEDDLE_OUTBOUND: 'OUTPUT' } as const satisfies Record<
  (typeof chains)[number],
  string
>;

/**
 * Text for `iptables-restore --noflush` (`ip6tables-restore` for 6). `saved` is the output of `iptables-save -t nat`:
 * own chains are filled anew, a jump to them is added only where it is absent. Only SYN packets jump, so that
 * connections which are already established are left alone.
 */
export function redirectRules(family: Family, interception: Interception, saved: string): string {
  const jumps = chains
    .filter((chain) => !hasJump(chain, saved))
    .map((chain) => `-A ${hooks[chain]} -p tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ${chain}`);
  return table([
    ...chains.map((chain) => `:${chain} - [0:0]`),
    ...inboundRules(interception),
    ...outboundRules(family, interception),
    ...jumps,
  ]);
}

/** Text that takes back whatever of `redirectRules` is present in `saved`; `undefined` when nothing is. */
export function removalRules(saved: string): string | undefined {
  const present = chains.filter((chain) => saved.includes(`:${chain} `));
  if (present.length === 0) return undefined;
  const jumps = saved
    .split('\n')
    .filter((line) => chains.some((chain) => isJump(line, chain)))
    .map((line) => line.replace(/^-A/, '-D'));
  return table([...jumps, ...present.map((chain) => `-F ${chain}`), ...present.map((chain) => `-X ${chain}`)]);
}

function inboundRules(interception: Interception): string[] {
  const skipped = unique([...ownPorts, ...interception.skipInboundPorts]);
  return [
    ...skipped.map((port) => `-A HEDDLE_INBOUND -p tcp --dport ${port} -j RETURN`),
    `-A HEDDLE_INBOUND -p tcp -j REDIRECT --to-ports ${interception.inboundPort}`,
  ];
}

function outboundRules(family: Family, interception: Interception): string[] {
  const { sidecar, skipOutboundPorts, skipSubnets, outboundPort } = interception;
  const loopback = family === 4 ? '127.0.0.1/32' : '::1/128';
  // The sidecar's gRPC socket is opened by a library and cannot be marked, so in mark mode the agent's port is skipped.
  const skipped = unique(sidecar.type === 'mark' ? [ports.agent, ...skipOutboundPorts] : skipOutboundPorts);
  const subnets = unique(skipSubnets).filter((subnet) => subnet.includes(':') === (family === 6));
  const rules = [
    // The sidecar calls its own app from this address: the app's port must be reached, not the sidecar again.
    `-s ${sourceAddress[family]}/${family === 4 ? 32 : 128} -o lo -j RETURN`,
    // The sidecar calls its own pod's address (a Service that picked this pod): inbound, as from any other pod.
    `-o lo ! -d ${loopback} ${owner(sidecar)} -j HEDDLE_INBOUND`,
    `${owner(sidecar)} -j RETURN`,
    '-o lo -j RETURN',
    ...subnets.map((subnet) => `-d ${subnet} -j RETURN`),
    ...skipped.map((port) => `-p tcp --dport ${port} -j RETURN`),
    `-p tcp -j REDIRECT --to-ports ${outboundPort}`,
  ];
  return rules.map((rule) => `-A HEDDLE_OUTBOUND ${rule}`);
}

function owner(sidecar: SidecarPackets): string {
  return sidecar.type === 'uid' ? `-m owner --uid-owner ${sidecar.uid}` : `-m mark --mark ${sidecar.mark}`;
}

function hasJump(chain: (typeof chains)[number], saved: string): boolean {
  return saved.split('\n').some((line) => isJump(line, chain));
}

function isJump(line: string, chain: (typeof chains)[number]): boolean {
  return line.startsWith(`-A ${hooks[chain]} `) && line.endsWith(`-j ${chain}`);
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

function table(lines: readonly string[]): string {
  return ['*nat', ...lines, 'COMMIT', ''].join('\n');
}
