import type { Context } from './context.ts';
import { grantsFor } from './grants.ts';
import { convertIngresses } from './ingress/ingress.ts';
import { convertIstio } from './istio/virtualService.ts';
import { convertLinkerd } from './linkerd/httpRoute.ts';
import { type Remark, sentence } from './remark.ts';
import type { Made } from './route.ts';
import { splitRules } from './splitRules.ts';
import { Services } from './services.ts';
import { convertSmi } from './smi/trafficSplit.ts';
import { openSource, type Source } from './source.ts';

/** What a conversion yields: objects to be applied, all that they do not say, and how many objects there were to convert. */
export type Conversion = {
  readonly made: readonly Made[];
  readonly remarks: readonly Remark[];
  readonly found: number;
};

/**
 * Converts Ingresses, VirtualServices with DestinationRules, Linkerd's HTTPRoutes and TrafficSplits into HTTPRoutes and the
 * Services that they need. Every field that no route says is a remark, also one that we have never heard of. Pure.
 */
export function convert(
  values: readonly unknown[],
  options: { readonly gateway?: string | undefined } = {},
): Conversion {
  const remarks: Remark[] = [];
  const sources = values.flatMap((value, index) => {
    const source = openSource(value, remarks);
    if (source === undefined)
      remarks.push({ type: 'lost', object: `object ${index + 1}`, path: '', message: 'has no kind or no name' });
    return source ?? [];
  });
  const made: Made[] = [];
  const context: Context = { sources, services: new Services(sources), gateway: options.gateway, made };
  convertIngresses(context);
  convertIstio(context);
  convertLinkerd(context);
  convertSmi(context);
  for (const source of sources) {
    if (isRead(source)) source.read.tellRest();
    else tellOther(source);
  }
  const routes = made.flatMap((object) => splitRules(object, remarks));
  const granted = [...routes, ...grantsFor(made, remarks)];
  return {
    made: granted,
    remarks: inOrder(remarks, sources),
    found: sources.filter((source) => isRead(source)).length,
  };
}

const converted = new Set([
  'networking.k8s.io Ingress',
  'networking.istio.io VirtualService',
  'networking.istio.io DestinationRule',
  'policy.linkerd.io HTTPRoute',
  'split.smi-spec.io TrafficSplit',
  'specs.smi-spec.io HTTPRouteGroup',
]);

function isRead({ group, kind }: Source): boolean {
  return converted.has(`${group} ${kind}`);
}

const ofMeshes = /(?:^|\.)(?:istio\.io|linkerd\.io|smi-spec\.io)$/;

/** Objects of the meshes that have no place in routes are lost; all others are nobody's to convert. */
function tellOther(source: Source): void {
  const { kind, group } = source;
  if (kind === 'Service' && group === '') return;
  if (ofMeshes.test(group) || group === 'extensions')
    source.tell('lost', group === 'extensions' ? 'write it as networking.k8s.io/v1' : 'no route says it');
}

/** Each remark once, in the order of the objects that they are of. */
function inOrder(remarks: readonly Remark[], sources: readonly Source[]): readonly Remark[] {
  const order = new Map<string, number>();
  for (const [index, { kind, namespace, name }] of sources.entries())
    order.set(`${kind} ${namespace ?? 'default'}/${name}`, index);
  const placeOf = ({ object }: Remark): number => order.get(object) ?? sources.length;
  const distinct = new Map(remarks.map((remark) => [sentence(remark), remark]));
  return distinct
    .values()
    .toArray()
    .toSorted((one, other) => placeOf(one) - placeOf(other));
}
