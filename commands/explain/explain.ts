import { printName } from '../../agent/translate/compare.ts';
import { dependsOnPlace } from '../../agent/translate/usable.ts';
import { defaultOpaquePorts } from '../../contract/opaquePorts.ts';
import { declaredProtocol, protocolOf } from '../../proxy/detect/judge.ts';
import type { CompiledRouting } from '../../proxy/route/compile.ts';
import { endpointsName } from '../../routing/model.ts';
import { announcedBy } from '../../routing/match/preflight.ts';
import { endpointsOf } from '../../routing/targets.ts';
import { compilePort } from '../mesh/compilePort.ts';
import { isGiven } from '../mesh/giveAddresses.ts';
import { type Mesh, type MeshPort, routingFor } from '../mesh/mesh.ts';
import type { Client } from '../mesh/place.ts';
import type { FoundPort } from '../request/findPort.ts';
import { type AskedRequest, bytesOf, readHead } from '../request/parseRequest.ts';
import { type Called, findOutcomes, ruleOf } from './findOutcomes.ts';
import { type TriedMatch, tryMatches } from './others.ts';
import type { Outcome } from './outcome.ts';
import { type RouteAt, routesAt } from './routesAt.ts';

/** Where a request goes, and why; what `-o json` prints. */
export type Explained = {
  readonly request: { readonly method: string; readonly url: string };
  readonly client: Client;
  /** Left out: no Service has the address. */
  readonly port?: {
    readonly service: string;
    readonly port: number;
    readonly name?: string;
    readonly protocol: string;
  };
  /** `Refused`: the sidecar's codec does. */
  readonly connection: 'Routed' | 'PassedThrough' | 'Refused';
  readonly why: string;
  readonly routes: readonly RouteAt[];
  /** Of a request that is routed, or refused. */
  readonly outcomes: readonly Outcome[];
  /** Backends of the rule that have weight 0, `namespace/service:port`. */
  readonly unused: readonly string[];
  readonly matches: readonly TriedMatch[];
  readonly notes: readonly string[];
};

/** Explains a request by the code that decides it in a sidecar. */
export function explain(mesh: Mesh, client: Client, asked: AskedRequest, found: FoundPort): Explained {
  const url = `${asked.scheme}://${asked.authority}${asked.target}`;
  const common = { request: { method: asked.method, url }, client };
  const nothing = { outcomes: [], unused: [], matches: [] };
  if (found.type === 'Straight')
    return {
      ...common,
      ...nothing,
      routes: [],
      notes: [],
      connection: 'PassedThrough',
      why: `${found.why}; the connection passes through to ${found.destination}`,
    };
  const { service, servicePort, port } = found;
  const compiled = compilePort(mesh, routingFor(port, client.namespace), client.place);
  const at = {
    ...common,
    port: {
      service: printName(service.meta),
      port: servicePort.port,
      ...(servicePort.name !== '' && { name: servicePort.name }),
      protocol: compiled.routing.protocol,
    },
    routes: routesAt(mesh, port, client.namespace),
    notes: notesOf(mesh, printName(service.meta), client, compiled),
  };
  const bytes = bytesOf(asked);
  const tunnelled = passedThrough(compiled, bytes);
  if (tunnelled !== undefined) return { ...at, ...nothing, connection: 'PassedThrough', why: tunnelled };
  const read = readHead(bytes);
  if (!read.ok) {
    const { status, message, flag } = read.refusal;
    const outcome = { type: 'Answered', share: 1, decidedBy: {}, status, flag, reason: message, headers: [] } as const;
    return { ...at, ...nothing, outcomes: [outcome], connection: 'Refused', why: message };
  }
  const { head } = read;
  const outcomes = findOutcomes(compiled, head, calledAt(port, servicePort.port));
  const [first] = outcomes;
  const isPreflight = first?.type === 'Answered' && first.cors?.startsWith('preflight') === true;
  const seen = (isPreflight ? announcedBy(head) : undefined) ?? head;
  const matches = tryMatches(compiled.routing, seen, first?.decidedBy ?? {});
  const backends = ruleOf(compiled, first?.decidedBy ?? {})?.backends ?? [];
  const unused = backends.filter(({ weight }) => weight === 0).map((backend) => endpointsName(backend, backend.port));
  return { ...at, outcomes, unused, matches, connection: 'Routed', why: whyRouted(compiled) };
}

/** What an exchange knows of a connection to the first address of a port. */
export function calledAt({ addresses: [address = ''], name }: MeshPort, port: number): Called {
  return { family: address.startsWith('[') ? 6 : 4, port, destinationName: isGiven(address) ? name : address };
}

/** Why no request is read from the connection; undefined: it is. */
export function passedThrough({ expectation, routing }: CompiledRouting, bytes: Buffer): string | undefined {
  const { protocol, routed } = expectation;
  if (protocol === 'detect' && !routed && defaultOpaquePorts.includes(routing.port))
    return `port ${routing.port} is passed on as TCP by default; declare appProtocol: http if it speaks HTTP`;
  const declared = declaredProtocol(expectation);
  if (declared !== undefined)
    return `the port is declared as ${declared}, so its connections are passed on as TCP and no route applies`;
  const spoken = protocolOf(bytes, expectation) ?? 'opaque';
  if (spoken === 'http1') return undefined;
  const what = spoken === 'tls' ? 'TLS, which nobody on the way can read' : spoken;
  return `what comes is ${what}: it is passed on as TCP and no route applies`;
}

function whyRouted({ expectation, routing }: CompiledRouting): string {
  if (!expectation.routed) return 'no route is attached, so requests go to the endpoints of the Service';
  if (routing.protocol === 'http1') return 'the port is declared as HTTP';
  if (routing.protocol === 'http2') return 'the port is declared as HTTP/2';
  return 'the protocol of the port is not declared; where a route is attached, what is not TLS is HTTP/1.1 or HTTP/2';
}

function notesOf(mesh: Mesh, service: string, client: Client, { routing }: CompiledRouting): readonly string[] {
  const depends = endpointsOf(routing).some((name) => {
    const endpoints = mesh.endpoints.get(name);
    return endpoints !== undefined && dependsOnPlace(endpoints);
  });
  return [
    ...(mesh.problems.get(`Service ${service}`) ?? []).map((problem) => `Service ${service} ${problem}`),
    ...(depends && client.place.node === undefined
      ? [
          "which endpoints may be used depends on the client's node and zone; name its pod, as in --from shop/client-7c4d",
        ]
      : []),
  ];
}
