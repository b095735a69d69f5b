import { fieldsOf, type JsonObject, numberOf, objectsOf, textOf } from '../../runtime/json.ts';
import { type Source, namespaceOf } from './source.ts';

/** What the input says of a Service. */
export type KnownService = {
  readonly ports: readonly { readonly name: string | undefined; readonly port: number; readonly whole: JsonObject }[];
  readonly selector: JsonObject;
};

/** The Services of the input, which say what names of ports mean and what subsets are part of. */
export class Services {
  readonly #known = new Map<string, KnownService>();

  constructor(sources: readonly Source[]) {
    for (const source of sources.filter(({ kind, group }) => kind === 'Service' && group === '')) {
      const { ports, selector } = fieldsOf(source.read.at('spec').whole());
      this.#known.set(`${namespaceOf(source)}/${source.name}`, {
        ports: objectsOf(ports).flatMap((whole) => {
          const port = numberOf(whole, 'port');
          return port === undefined ? [] : [{ name: textOf(whole, 'name'), port, whole }];
        }),
        selector: fieldsOf(selector),
      });
    }
  }

  find(namespace: string, name: string): KnownService | undefined {
    return this.#known.get(`${namespace}/${name}`);
  }

  /** The number of the port with this name, or of the only port where none is named. */
  port(namespace: string, name: string, portName?: string): number | undefined {
    const { ports = [] } = this.find(namespace, name) ?? {};
    if (portName === undefined) return ports.length === 1 ? ports[0]?.port : undefined;
    return ports.find((port) => port.name === portName)?.port;
  }
}

/** The Service that a host name of the cluster stands for: `cart`, `cart.shop`, `cart.shop.svc.cluster.local`. */
export function serviceOfHost(host: string, namespace: string): { namespace: string; name: string } | undefined {
  const label = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
  const { groups } =
    new RegExp(`^(?<name>${label})(?:\\.(?<of>${label})(?:\\.svc(?:\\.cluster\\.local)?)?)?$`).exec(host) ?? {};
  if (groups?.['name'] === undefined) return undefined;
  return { namespace: groups['of'] ?? namespace, name: groups['name'] };
}

/** How a route of one namespace names something of another: without a namespace where it is its own. */
export function inNamespace(namespace: string, own: string): { readonly namespace?: string } {
  return namespace === own ? {} : { namespace };
}
