import type { Api } from '../kubernetes/api.ts';
import { fieldsOf, isObject, type JsonObject } from '../runtime/json.ts';

/** A namespace as the API server has it. */
export type Namespace = { readonly name: string; readonly labels: JsonObject; readonly annotations: JsonObject };

const keptMs = 1000;
const mostKept = 1000;
const mostAtOnce = 50;

/** Whether a text can be the name of a namespace: only then may it become part of a path. */
export function isNamespaceName(name: string): boolean {
  return /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/.test(name);
}

/**
 * Reads namespaces, each once a second at most. Undefined for one that does not exist, that cannot be read in time, or
 * where too many are asked for at once. Never rejects.
 */
export function createNamespaceReader(options: {
  readonly api: Api;
  readonly now: () => number;
}): (name: string) => Promise<Namespace | undefined> {
  const { api, now } = options;
  const kept = new Map<string, { readonly until: number; readonly found: Promise<Namespace | undefined> }>();
  let underWay = 0;

  async function read(name: string): Promise<Namespace | undefined> {
    underWay++;
    try {
      const object = await api.request({ path: `/api/v1/namespaces/${name}`, timeoutMs: 2000 });
      const metadata = fieldsOf(fieldsOf(object)['metadata']);
      if (!isObject(object)) return undefined;
      return { name, labels: fieldsOf(metadata['labels']), annotations: fieldsOf(metadata['annotations']) };
    } catch {
      return undefined;
    } finally {
      underWay--;
    }
  }

  return (name) => {
    if (!isNamespaceName(name)) return Promise.resolve(undefined);
    const known = kept.get(name);
    if (known !== undefined && now() < known.until) return known.found;
    if (underWay >= mostAtOnce) return Promise.resolve(undefined);
    const found = read(name);
    kept.delete(name);
    kept.set(name, { until: now() + keptMs, found });
    const [oldest] = kept.keys();
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
    return found;
  };
}
