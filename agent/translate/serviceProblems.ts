import { wishAnnotations } from '../../contract/labels.ts';
import type { Service } from '../objects/types.ts';
import { printName } from './compare.ts';
import { readEndpointPolicy } from './endpointPolicy.ts';
import { orNone } from './none.ts';
import { hasClusterIP } from './parents.ts';
import { readOpaquePorts } from './protocol.ts';

/** What is wrong with a Service; `twin` is an older one that keeps an address of this one. */
export function findServiceProblems(service: Service, twin: Service | undefined): readonly string[] {
  if (twin !== undefined) {
    return [`has a clusterIP of Service ${printName(twin.meta)}, which keeps it; give another address`];
  }
  const { wrong } = readOpaquePorts(service);
  return orNone([
    ...wrong.map(
      (item) =>
        `annotation ${wishAnnotations.opaquePorts} has ${JSON.stringify(item)}; write ports and ranges, 3306,9000-9100`,
    ),
    ...readEndpointPolicy(service).wrong,
    ...(hasClusterIP(service) && service.clusterIPs.length === 0
      ? ['has no clusterIP, so that no traffic can be told to be for it; give spec.clusterIP']
      : []),
  ]);
}
