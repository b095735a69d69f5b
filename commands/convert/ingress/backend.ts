import type { Context } from '../context.ts';
import type { Reading } from '../reading.ts';
import type { BackendRef } from '../route.ts';
import { namespaceOf, type Source } from '../source.ts';

/** The backend of a path; none, and told, where it is no Service or has no port that could be found out. */
export function readBackend({ services }: Context, source: Source, backend: Reading): readonly BackendRef[] {
  const service = backend.at('service');
  backend.at('resource').lost('a backend of a route is a Service: the path answers 500');
  const name = service.at('name').text();
  if (name === undefined) return [];
  const number = service.at('port').at('number').number();
  const named = service.at('port').at('name');
  const portName = named.text();
  const port = number ?? services.port(namespaceOf(source), name, portName);
  if (port === undefined) {
    named.lost(
      `give Service ${namespaceOf(source)}/${name} as well, so that its number is known; without, the path answers 500`,
    );
    return [];
  }
  return [{ name, port }];
}
