import { defaultOpaquePorts } from '../../contract/opaquePorts.ts';
import { declaredProtocol } from '../../routing/declaredProtocol.ts';
import { textOf } from '../../runtime/json.ts';
import type { Context } from './context.ts';
import type { Reading } from './reading.ts';
import type { ParentRef } from './route.ts';
import type { KnownService } from './services.ts';

/**
 * A parentRef for all ports of a Service that HTTP may come to, as a host of Istio or a parent of Linkerd without a port
 * means it. A route without a port leaves out those of HTTP/2 beside others, so where a Service has both, each is named;
 * where the Service is not in the input, `read` is noted. `own` is the namespace of the route.
 */
export function forAllPorts(context: Context, parent: ParentRef, own: string, read: Reading): readonly ParentRef[] {
  const { namespace = own, name } = parent;
  const service = context.services.find(namespace, name);
  if (service === undefined) {
    read.note(
      `Service ${namespace}/${name} is not in the input: give it as well, for beside ports of HTTP/1.1 those of HTTP/2 have to be named in parentRefs`,
    );
    return [parent];
  }
  const ports = service.ports.flatMap((port) => {
    const version = versionOf(port);
    return version === undefined ? [] : [{ port: port.port, version }];
  });
  if (new Set(ports.map(({ version }) => version)).size < 2) return [parent];
  return ports.map(({ port }) => Object.assign({}, parent, { port }));
}

/** What Istio takes for no HTTP by the first part of a port's name, and Heddle by the whole name only (https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/). */
const noHttpInIstio = /^(?:mongo|mysql|redis|udp)(?:-|$)/;

/** Of the HTTP at a port; what is not declared is taken for HTTP/1.1, as a route without a port does. Undefined: no HTTP. */
function versionOf({ name = '', port, whole }: KnownService['ports'][number]): 1 | 2 | undefined {
  if ((textOf(whole, 'protocol') ?? 'TCP') !== 'TCP') return undefined;
  const appProtocol = textOf(whole, 'appProtocol');
  const protocol = declaredProtocol({ name, appProtocol });
  if (protocol === 'http1') return 1;
  if (protocol === 'http2') return 2;
  if (protocol !== 'detect' || defaultOpaquePorts.includes(port)) return undefined;
  return appProtocol === undefined && noHttpInIstio.test(name) ? undefined : 1;
}
