import type { Context } from './context.ts';
import { grantsFor } from './grants.ts';
import { convertIngresses } from './ingress/ingress.ts';
import { convertIstio } from './istio/virtualService.ts';
import { isConverted, tellOther } from './kinds.ts';
import { tellAnnotations } from './linkerd/annotations.ts';
import { convertLinkerd } from './linkerd/httpRoute.ts';
import { type Remark, sentence } from './remark.ts';
import type { Made } from './route.ts';
import { splitRules } from './splitRules.ts';
import { Services } from './services.ts';
import { convertSmi } from './smi/trafficSplit.ts';
import { openSource, type Source } from './source.ts';

/**
 * What a conversion yields: objects to be applied, all that they do not say, how many objects there were to convert, and
 * which, `Deployment shop/web`, are nobody's to convert.
 */
export type Conversion = {
  readonly made: readonly Made[];
  readonly remarks: readonly Remark[];
  readonly found: number;
  readonly others: readonly string[];
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
  const readable = sources.filter((source) => isConverted(source));
  const told = readable.filter(({ hasSpec }) => hasSpec);
  const context: Context = { sources: told, services: new Services(sources), gateway: options.gateway, made };
  convertIngresses(context);
  convertIstio(context);
  convertLinkerd(context);
  convertSmi(context);
  for (const source of readable) {
    if (!source.hasSpec) source.tell('lost', 'has no spec: nothing is made of it');
    else source.read.tellRest();
  }
  const rest = sources.filter((source) => !isConverted(source));
  const annotated = rest.filter((source) => tellAnnotations(source));
  const others = rest.filter((source) => !tellOther(source) && !annotated.includes(source));
  const routes = made.flatMap((object) => splitRules(object, remarks));
  const granted = [...routes, ...grantsFor(made, remarks)];
  return {
    made: granted,
    remarks: inOrder(remarks, sources),
    found: readable.length + annotated.filter(({ kind }) => kind !== 'Service').length,
    others: others.map(({ object }) => object),
  };
}

/** Each remark once, in the order of the objects that they are of. */
function inOrder(remarks: readonly Remark[], sources: readonly Source[]): readonly Remark[] {
  const order = new Map<string, number>();
  for (const [index, { object }] of sources.entries()) order.set(object, index);
  const placeOf = ({ object }: Remark): number => order.get(object) ?? sources.length;
  const distinct = new Map(remarks.map((remark) => [sentence(remark), remark]));
  return distinct
    .values()
    .toArray()
    .toSorted((one, other) => placeOf(one) - placeOf(other));
}
