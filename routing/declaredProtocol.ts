import { knownNames } from './knownNames.ts';
import type { Protocol } from './model.ts';

/** A port of a Service by what it says of its protocol; `name` is empty where it has none. */
type DeclaredPort = { readonly name: string; readonly appProtocol: string | undefined };

/** Values of appProtocol: the standard ones of Kubernetes (KEP-3726), and names of protocols. */
const byAppProtocol = new Map<string, Protocol>([
  ...knownNames,
  ['http', 'http1'],
  ['kubernetes.io/ws', 'http1'],
  ['grpc', 'http2'],
  ['h2c', 'http2'],
  ['http2', 'http2'],
  ['kubernetes.io/h2c', 'http2'],
  ['https', 'tls'],
  ['tls', 'tls'],
  ['kubernetes.io/wss', 'tls'],
  ['tcp', 'opaque'],
]);

/** What stands before the first hyphen of a port's name. */
const byNamePrefix = new Map<string, Protocol>([
  ['http', 'http1'],
  ['grpc', 'http2'],
  ['h2c', 'http2'],
  ['http2', 'http2'],
  ['https', 'tls'],
  ['tls', 'tls'],
  ['tcp', 'opaque'],
]);

/** What is declared of a port: by its appProtocol, else by its name. */
export function declaredProtocol({ name, appProtocol }: DeclaredPort): Protocol {
  if (appProtocol !== undefined) return byAppProtocol.get(appProtocol.toLowerCase()) ?? 'detect';
  // gRPC-Web is spoken over either version of HTTP.
  if (/^grpc-web(?:-|$)/.test(name)) return 'detect';
  return knownNames.get(name) ?? byNamePrefix.get(name.split('-', 1)[0] ?? '') ?? 'detect';
}
