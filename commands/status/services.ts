import type { StreamState } from '../../agent/discovery/deliveries.ts';
import { compareText } from '../../agent/translate/compare.ts';
import type { PlacedEndpoint } from '../../agent/translate/result.ts';
import { readEndpointsName, routeName } from '../../routing/model.ts';
import type { Mesh, MeshPort } from '../mesh/mesh.ts';
import { type Audience, type Live, liveAt } from './live.ts';

/** A port of a Service as it stands. */
export type ServiceRow = {
  /** `namespace/service:port`. */
  readonly port: string;
  readonly protocol: string;
  /** Routes in force there, for whichever clients. */
  readonly routes: readonly string[];
  readonly endpoints: { readonly ready: number; readonly all: number };
  readonly problems: readonly string[];
  readonly live?: Live;
};

/** Every port of the Services that are meant. */
export function serviceRows(
  mesh: Mesh,
  streams: readonly StreamState[] | undefined,
  isMeant: (service: string) => boolean,
): readonly ServiceRow[] {
  return [...mesh.ports.values()]
    .filter(({ name }) => isMeant(readEndpointsName(name).service))
    .map((port) => {
      const routings = [...port.routings.values()];
      const routes = routings.flatMap((routing) => routing.routes.map(routeName));
      const { endpoints = [] } = mesh.endpoints.get(port.name) ?? {};
      const row: ServiceRow = {
        port: port.name,
        protocol: routings[0]?.protocol ?? '',
        routes: [...new Set(routes)].toSorted(compareText),
        endpoints: { ready: countPods(endpoints.filter(({ ready }) => ready)), all: countPods(endpoints) },
        problems: mesh.problems.get(`Service ${readEndpointsName(port.name).service}`) ?? [],
      };
      return streams === undefined ? row : Object.assign(row, { live: liveAt(streams, audiences(port)) });
    })
    .toSorted((one, other) => compareText(one.port, other.port));
}

function audiences(port: MeshPort): readonly Audience[] {
  return [...port.routings.keys()].map((clientNamespace) => ({ port, clientNamespace }));
}

/** With two address families a pod is two endpoints. */
function countPods(endpoints: readonly PlacedEndpoint[]): number {
  return new Set(endpoints.map(({ pod, address }) => pod ?? address)).size;
}
