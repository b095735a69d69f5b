import type { Mesh } from '../mesh/mesh.ts';
import { type Client, findPlace } from '../mesh/place.ts';
import { findPort } from '../request/findPort.ts';
import type { AskedRequest } from '../request/parseRequest.ts';
import { explain, type Explained } from './explain.ts';

/** Who asks, where that is said; `namespace` is that of names that say none. */
export type Asker = { readonly from: Omit<Client, 'place'> | undefined; readonly namespace: string | undefined };

/** Explains a request of somebody, who is in the Service's own namespace unless it is said. Throws CannotLook. */
export function explainAsked(mesh: Mesh, asked: AskedRequest, { from, namespace }: Asker): Explained {
  const found = findPort(mesh, { host: asked.host, port: asked.port, namespace: from?.namespace ?? namespace });
  const usual = found.type === 'Port' ? found.service.meta.namespace : (namespace ?? 'default');
  const client = from ?? { namespace: usual };
  return explain(mesh, { ...client, place: findPlace(mesh, client.namespace, client.pod) }, asked, found);
}
