import type { Endpoints } from '../../routing/model.ts';
import { endpointsTypeUrl, serviceRoutingTypeUrl } from '../../routing/wire/typeUrls.ts';
import { changedItems } from '../translate/changed.ts';
import type { Translation } from '../translate/result.ts';
import { type Content, type Contents, createContents, shortHash } from './content.ts';

/** One encoded resource. */
export type Resource = Content & { readonly name: string };

/** All resources at one moment. */
export type Snapshot = {
  /** A hash of all resources: equal revisions are equal configurations, on every agent. */
  readonly revision: string;
  /** A hash of the routings alone: it stays while only endpoints come and go. */
  readonly routingRevision: string;
  /** False while the source knows that objects are missing: then what is absent here may still exist. */
  readonly complete: boolean;
  readonly translation: Pick<Translation, 'routings' | 'endpoints'>;
  /** A resource as a client in `namespace` sees it; `undefined` for a client that nobody knows. */
  lookup(typeUrl: string, name: string, namespace: string | undefined): Resource | undefined;
};

type Served = Pick<Translation, 'routings' | 'endpoints'> & Pick<Snapshot, 'complete'>;

const encodedOnce = createContents();

/** Encodes what is new in a translation; what an earlier snapshot holds already is taken from there. */
export function createSnapshot({ routings, endpoints, complete }: Served, contents = encodedOnce): Snapshot {
  const producers = new Map<string, Content>();
  const consumers = new Map<string, Content>();
  let parts = '';
  for (const { destination, clientNamespace, routing } of routings) {
    const content = contents.serviceRouting(routing);
    if (clientNamespace === undefined) producers.set(destination, content);
    else consumers.set(consumerKey(destination, clientNamespace), content);
    parts += `${destination} ${clientNamespace ?? ''} ${content.version}\n`;
  }
  const encodedEndpoints = encodeList(endpoints, contents);
  const routingRevision = shortHash(parts);
  return {
    revision: shortHash(routingRevision + encodedEndpoints.revision),
    routingRevision,
    complete,
    translation: { routings, endpoints },
    lookup(typeUrl, name, namespace) {
      const content = find(typeUrl, name, namespace);
      return content && { name, ...content };
    },
  };

  function find(typeUrl: string, name: string, namespace: string | undefined): Content | undefined {
    if (typeUrl === endpointsTypeUrl) return encodedEndpoints.byName.get(name);
    if (typeUrl !== serviceRoutingTypeUrl) return undefined;
    const own = namespace === undefined ? undefined : consumers.get(consumerKey(name, namespace));
    return own ?? producers.get(name);
  }
}

/** The names that may have another content in the later one of two snapshots, for some client at least. */
export function changedNames({ translation: before }: Snapshot, { translation: after }: Snapshot): ReadonlySet<string> {
  return new Set([
    ...changedItems(before.routings, after.routings).map(({ destination }) => destination),
    ...changedItems(before.endpoints, after.endpoints).map(({ name }) => name),
  ]);
}

type EncodedEndpoints = { readonly revision: string; readonly byName: ReadonlyMap<string, Content> };

const encodedLists = new WeakMap<readonly Endpoints[], EncodedEndpoints>();

/** The list stays the same object while only routes change. */
function encodeList(endpoints: readonly Endpoints[], contents: Contents): EncodedEndpoints {
  const known = encodedLists.get(endpoints);
  if (known !== undefined) return known;
  const byName = new Map<string, Content>();
  let parts = '';
  for (const resource of endpoints) {
    const content = contents.endpoints(resource);
    byName.set(resource.name, content);
    parts += `${resource.name} ${content.version}\n`;
  }
  const list = { revision: shortHash(parts), byName };
  encodedLists.set(endpoints, list);
  return list;
}

function consumerKey(destination: string, namespace: string): string {
  return `${destination} ${namespace}`;
}
