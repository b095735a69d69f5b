import { routingVersion } from '../../agent/discovery/version.ts';
import { placesOf } from '../../routing/match/precedence.ts';
import type { ServiceRouting } from '../../routing/model.ts';
import { CannotLook } from '../cannotLook.ts';
import { type Mesh, type MeshPort, routingFor } from '../mesh/mesh.ts';
import type { Client } from '../mesh/place.ts';
import { findPort } from '../request/findPort.ts';
import type { LogLine } from '../request/parseLine.ts';
import type { AskedRequest } from '../request/parseRequest.ts';
import { printQuery, sampleConditions, withContentType } from '../request/sampleRequest.ts';
import { explain, type Explained } from './explain.ts';
import { isNamedBy } from './others.ts';

/** A request of which a line of the log tells, as it would be decided now. */
export type ExplainedLine = Explained & { readonly line: LineCompared };

/** What the line says, held against what holds now. */
export type LineCompared = {
  readonly status: number;
  readonly grpcStatus?: string;
  readonly reason?: string;
  /** What decides is the same as when the line was written. */
  readonly isSameRouting: boolean;
  /** The same rule takes it. */
  readonly isSameRule: boolean;
  readonly says: string;
};

/**
 * Explains the request of a line. A line has no headers and no query: those that its match asks for are taken to have been
 * there, and of an RPC its content-type. Throws CannotLook where its Service is gone.
 */
export function explainLine(mesh: Mesh, line: LogLine, client: Client | undefined): ExplainedLine {
  const [namespace = '', name = ''] = line.service.split('/');
  const host = `${name}.${namespace}`;
  const found = findPort(mesh, { host, port: line.port, namespace });
  if (found.type !== 'Port') throw new CannotLook(found.why);
  const caller = client ?? { namespace: namespaceOf(found.port, line) ?? namespace, place: {} };
  const routing = routingFor(found.port, caller.namespace);
  const explained = explain(mesh, caller, requestOf(line, routing, host), found);
  const { route, rule } = explained.outcomes[0]?.decidedBy ?? {};
  const compared: LineCompared = {
    status: line.status,
    ...(line.grpcStatus !== undefined && { grpcStatus: line.grpcStatus }),
    ...(line.reason !== undefined && { reason: line.reason }),
    isSameRouting: routingVersion(routing) === line.revision,
    isSameRule: route === line.route && rule === line.rule,
    says: sayings(line),
  };
  const notes =
    line.matched === undefined
      ? [
          `a line has no headers and no query; the request is explained without any${line.grpcStatus === undefined ? '' : ' but its content-type'}`,
        ]
      : [];
  return { ...explained, line: compared, notes: [...explained.notes, ...notes] };
}

/** Of the clients whose routing the line names by its revision; undefined: of no namespace in particular, or it has changed. */
function namespaceOf({ routings }: MeshPort, { revision }: LogLine): string | undefined {
  for (const [namespace, routing] of routings) if (routingVersion(routing) === revision) return namespace;
  return undefined;
}

function requestOf(line: LogLine, routing: ServiceRouting, host: string): AskedRequest {
  const place = placesOf(routing.routes).find((one) => isNamedBy(one, line));
  const { headers = [], query = [] } = (place && sampleConditions(place.match)) ?? {};
  const { method, path, port } = line;
  const authority = port === 80 ? host : `${host}:${port}`;
  const known = line.grpcStatus === undefined ? headers : withContentType(headers);
  const own = known.filter((header) => header.name !== 'host');
  return { method, scheme: 'http', host, port, target: path + printQuery(query), authority, headers: own };
}

function sayings({ route, rule, matched, backend }: LogLine): string {
  if (route === undefined) return backend === undefined ? 'no rule matched' : `no route, so ${backend}`;
  const to = backend === undefined ? '' : `, and ${backend} was drawn`;
  return `rule ${rule ?? 0} of ${route} took it, by ${matched ?? ''}${to}`;
}
