import { parse, parseAllDocuments } from 'yaml';
import { fieldsOf, isObject, type JsonObject, objectsOf, textOf, textsOf } from '../../runtime/json.ts';
import type { ManifestFiles } from './manifestFiles.ts';

/** An object of the manifests: plain JSON, with at least these fields. */
export type Manifest = JsonObject & {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
};

/** What the kustomization of `manifests/default` says; an image other than its own may be given. */
export type Kustomized = { readonly image: string; readonly objects: readonly Manifest[] };

const understood = new Set([
  'apiVersion',
  'kind',
  'namespace',
  'labels',
  'images',
  'replacements',
  'sortOptions',
  'resources',
]);

/**
 * What `kubectl kustomize` makes of `manifests/default`, in the same order: of kustomize's fields exactly those that stand
 * there are understood. Throws for any other, which is a bug of this repository.
 */
export function kustomize(files: ManifestFiles, image?: string): Kustomized {
  const said = parse(textOfFile(files, 'kustomization.yaml')) as JsonObject;
  for (const key of Object.keys(said))
    if (!understood.has(key))
      throw new Error(`kustomization.yaml has ${key}, which heddle install does not understand`);
  const objects = textsOf(said['resources']).flatMap((file) =>
    parseAllDocuments(textOfFile(files, file)).map((document) => document.toJS() as Manifest),
  );
  const labels = Object.assign({}, ...objectsOf(said['labels']).map(({ pairs }) => pairs)) as JsonObject;
  const [own = {}] = objectsOf(said['images']);
  const name = textOf(own, 'name') ?? '';
  const used = image ?? `${textOf(own, 'newName') ?? name}:${textOf(own, 'newTag') ?? 'latest'}`;
  const made = objects.map((object) => withImage(withLabels(object, labels), { name, used }));
  for (const replacement of objectsOf(said['replacements'])) replace(made, replacement);
  return { image: used, objects: made };
}

function textOfFile(files: ManifestFiles, name: string): string {
  const text = files.get(name);
  if (text === undefined) throw new Error(`manifests/default/${name} is not among the manifests`);
  return text;
}

function withLabels(object: Manifest, labels: JsonObject): Manifest {
  const metadata = object.metadata;
  return Object.assign({}, object, {
    metadata: { ...metadata, labels: { ...fieldsOf(fieldsOf(metadata)['labels']), ...labels } },
  });
}

function withImage(object: Manifest, image: { readonly name: string; readonly used: string }): Manifest {
  return mapFields(object, (key, value) => (key === 'image' && value === image.name ? image.used : value)) as Manifest;
}

/** A value anew, with what `change` makes of each text in it; `key` is the field that holds the text, or its list. */
export function mapFields(value: unknown, change: (key: string, text: string) => string, key = ''): unknown {
  if (typeof value === 'string') return change(key, value);
  if (Array.isArray(value)) return (value as unknown[]).map((item) => mapFields(item, change, key));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapFields(item, change, name)]));
}

/** Puts one field of an object in the place of others, in objects that were made here. */
function replace(objects: readonly Manifest[], { source, targets }: JsonObject): void {
  const from = fieldsOf(source);
  const value = lookUp(select(objects, from), pathOf(textOf(from, 'fieldPath') ?? ''));
  for (const target of objectsOf(targets)) {
    const object = select(objects, fieldsOf(target['select']));
    for (const fieldPath of textsOf(target['fieldPaths'])) {
      const steps = pathOf(fieldPath);
      const holder = lookUp(object, steps.slice(0, -1)) as Record<string, unknown>;
      holder[steps.at(-1) ?? ''] = value;
    }
  }
}

function select(objects: readonly Manifest[], { kind, name }: JsonObject): Manifest {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`no ${String(kind)} ${String(name)} among the manifests`);
  return found;
}

/** `spec.containers.[name=agent].image` in steps. */
function pathOf(text: string): readonly string[] {
  return text.match(/\[[^\]]+\]|[^.[\]]+/g) ?? [];
}

function lookUp(object: unknown, steps: readonly string[]): unknown {
  let value = object;
  for (const step of steps) {
    const [, key, wanted] = /^\[(.+)=(.*)\]$/.exec(step) ?? [];
    value = key === undefined ? fieldsOf(value)[step] : objectsOf(value).find((item) => textOf(item, key) === wanted);
    if (value === undefined) throw new Error(`${steps.join('.')} leads nowhere in the manifests: ${step}`);
  }
  return value;
}
