import { injectLabel } from '../../contract/labels.ts';
import { controllerName } from '../../contract/objects.ts';
import { fieldsOf, type JsonObject, objectsOf, textOf } from '../../runtime/json.ts';

/** `name`, or `namespace/name`. */
export function nameOf({ metadata }: JsonObject): string {
  const { namespace, name } = fieldsOf(metadata);
  return typeof namespace === 'string' ? `${namespace}/${String(name)}` : String(name);
}

/** What a namespace says of injection. */
export function labelOf({ metadata }: JsonObject): string | undefined {
  return textOf(fieldsOf(fieldsOf(metadata)['labels']), injectLabel);
}

type Namespaces = { readonly namespaces?: readonly JsonObject[] | undefined };

/** The namespaces whose pods get sidecars. */
export function meshNamespaces({ namespaces = [] }: Namespaces): ReadonlySet<string> {
  return new Set(namespaces.filter((one) => labelOf(one) === 'enabled').map(nameOf));
}

/** What agents have said of a route, for each of its parents. */
export function answersTo({ status }: JsonObject): readonly JsonObject[] {
  return objectsOf(fieldsOf(status)['parents']).filter((parent) => parent['controllerName'] === controllerName);
}
