import type { Filter } from '../route.ts';
import { inNamespace, serviceOfHost } from '../services.ts';
import { namespaceOf, type Source } from '../source.ts';
import type { ReadAnnotation } from './annotation.ts';

/** A mirror, where its target is a Service of the cluster that is sent the path as it is. */
export function readMirror(of: ReadAnnotation, source: Source): readonly Filter[] {
  const annotation = of('mirror-target');
  const target = annotation.text()?.replace(/\/?\$request_uri$/, '');
  if (target === undefined) return [];
  const own = namespaceOf(source);
  const { protocol, hostname, port, pathname } = URL.canParse(target) ? new URL(target) : new URL('about:blank');
  const service = serviceOfHost(hostname, own);
  if (protocol !== 'http:' || service === undefined || pathname !== '/') {
    annotation.lost('a mirror is a Service of the cluster, which is sent the path as it came');
    return [];
  }
  const backendRef = {
    ...inNamespace(service.namespace, own),
    name: service.name,
    port: port === '' ? 80 : Number(port),
  };
  return [{ type: 'RequestMirror', requestMirror: { backendRef } }];
}
