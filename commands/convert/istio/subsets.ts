import { type Context, ofKind } from '../context.ts';
import type { Reading } from '../reading.ts';
import type { Made } from '../route.ts';
import { namespaceOf, type Source } from '../source.ts';
import { findService } from './parents.ts';
import { readPolicy } from './trafficPolicy.ts';

type Subset = { readonly source: Source; readonly read: Reading };
type ServiceName = { readonly namespace: string; readonly name: string };

/** The subsets that DestinationRules make. A backend of a route is a Service: each that is used becomes one. */
export class Subsets {
  readonly #context: Context;
  readonly #known = new Map<string, Subset>();
  readonly #made = new Map<string, Made>();
  readonly #used = new Set<string>();

  constructor(context: Context) {
    this.#context = context;
    for (const source of ofKind(context, 'networking.istio.io', 'DestinationRule')) this.#add(source);
  }

  /** The name of the Service for a subset, which is made when it is first used; `read` is where that stands. */
  use(service: ServiceName, subset: string, read: Reading): string {
    const key = `${service.namespace}/${service.name}/${subset}`;
    const name = `${service.name}-${subset}`;
    if (this.#used.has(key)) return name;
    this.#used.add(key);
    const known = this.#known.get(key);
    if (known !== undefined) this.#make(service, name, known);
    else read.lost(`no DestinationRule here has it: make Service ${service.namespace}/${name} for it`);
    return name;
  }

  /** The Services that were made, and a word on the subsets that no route uses. */
  finish(): void {
    this.#context.made.push(...this.#made.values());
    for (const [key, { read }] of this.#known) {
      if (this.#used.has(key)) continue;
      read.note('is in no route here: no Service is made for it');
      read.whole();
    }
  }

  #add(source: Source): void {
    const context = this.#context;
    const spec = source.read.at('spec');
    const host = spec.at('host');
    const service = findService(context, host.text() ?? '', namespaceOf(source));
    spec.at('exportTo').whole();
    if (service === undefined) {
      host.lost('it is no Service of the cluster');
      return;
    }
    const annotations = readPolicy(spec.at('trafficPolicy'));
    const words = Object.entries(annotations).map(([name, value]) => `${name}=${value}`);
    if (words.length > 0)
      spec
        .at('trafficPolicy')
        .note(
          `is what annotations of the Service say: kubectl -n ${service.namespace} annotate service ${service.name} ${words.join(' ')}`,
        );
    for (const read of spec.at('subsets').items()) {
      const subset = read.at('name').text();
      if (subset !== undefined) this.#known.set(`${service.namespace}/${service.name}/${subset}`, { source, read });
    }
  }

  #make(service: ServiceName, name: string, { source, read }: Subset): void {
    const labels = read.at('labels').whole() as Readonly<Record<string, string>> | undefined;
    const whole = this.#context.services.find(service.namespace, service.name);
    if (whole === undefined) {
      read.lost(
        `Service ${name} cannot be made: give Service ${service.namespace}/${service.name} as well, whose selector and ports it has`,
      );
      return;
    }
    // Its own policy stands in place of that of the whole.
    const policy = read.at('trafficPolicy');
    const inherited = policy.isGiven ? {} : readPolicy(source.read.at('spec').at('trafficPolicy'));
    const annotations = { ...inherited, ...readPolicy(policy) };
    const spec = { selector: { ...whole.selector, ...labels }, ports: whole.ports.map((port) => port.whole) };
    this.#made.set(`${service.namespace}/${name}`, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name,
        namespace: service.namespace === namespaceOf(source) ? source.namespace : service.namespace,
        ...(Object.keys(annotations).length > 0 && { annotations }),
      },
      spec,
    });
    read.note(`is Service ${service.namespace}/${name} now, for a backend of a route is a Service`);
  }
}
