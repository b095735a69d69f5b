import { declaredProtocol } from '../../routing/declaredProtocol.ts';
import type { Protocol } from '../../routing/model.ts';
import type { Service, ServicePort } from '../objects/types.ts';

/** The protocol of a port of a Service: opaque-ports, then appProtocol, then the port's name. */
export function protocolOf(service: Service, port: ServicePort): Protocol {
  if (readOpaquePorts(service).ranges.some(([from, to]) => port.port >= from && port.port <= to)) return 'opaque';
  return declaredProtocol(port);
}

type OpaquePorts = { readonly ranges: readonly (readonly [number, number])[]; readonly wrong: readonly string[] };

const noOpaquePorts: OpaquePorts = { ranges: [], wrong: [] };

/** The annotation heddle.dev/opaque-ports: port numbers and ranges, `3306,9000-9100`; `wrong` has what is neither. */
export function readOpaquePorts(service: Service): OpaquePorts {
  if (service.opaquePorts === undefined) return noOpaquePorts;
  const ranges: [number, number][] = [];
  const wrong: string[] = [];
  for (const item of service.opaquePorts.split(',').map((text) => text.trim())) {
    if (item === '') continue;
    const numbers = /^(?<from>\d{1,5})(?:-(?<to>\d{1,5}))?$/.exec(item)?.groups;
    const from = Number(numbers?.['from'] ?? Number.NaN);
    const to = Number(numbers?.['to'] ?? from);
    if (from >= 1 && to <= 65_535 && from <= to) ranges.push([from, to]);
    else wrong.push(item);
  }
  return { ranges, wrong };
}
