import { fieldsOf, textOf } from '../../runtime/json.ts';
import { Reading } from './reading.ts';
import type { Remark } from './remark.ts';

/** An object that is to be converted. */
export type Source = {
  /** `Ingress shop/web`. */
  readonly object: string;
  readonly kind: string;
  readonly group: string;
  readonly version: string;
  /** Whether it says anything but its name. */
  readonly hasSpec: boolean;
  /** As it is written; without one it is `default`, or that of whoever applies it. */
  readonly namespace: string | undefined;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>> | undefined;
  /** All fields but apiVersion, kind, name, namespace and labels are there to be read. */
  readonly read: Reading;
  /** Says something of the object as a whole. */
  readonly tell: (type: Remark['type'], message: string) => void;
};

/** Annotations that tools write for themselves. */
const ofTools = /^(?:kubectl\.kubernetes\.io|meta\.helm\.sh|argocd\.argoproj\.io|kustomize\.toolkit\.fluxcd\.io)\//;
const ofTheServer = ['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'managedFields', 'selfLink'];

/** What an object says of itself; undefined for what is no object of Kubernetes. Remarks of it go to `remarks`. */
export function openSource(value: unknown, remarks: Remark[]): Source | undefined {
  const fields = fieldsOf(value);
  const metadata = fieldsOf(fields['metadata']);
  const [kind, name] = [textOf(fields, 'kind'), textOf(metadata, 'name')];
  if (kind === undefined || name === undefined) return undefined;
  const object = `${kind} ${textOf(metadata, 'namespace') ?? 'default'}/${name}`;
  const read = new Reading(value, '', (remark) => remarks.push({ object, ...remark }));
  const meta = read.at('metadata');
  read.at('kind').whole();
  read.at('status').whole();
  meta.at('name').whole();
  for (const field of ofTheServer) meta.at(field).whole();
  for (const [key, annotation] of meta.at('annotations').entries()) if (ofTools.test(key)) annotation.whole();
  const labels = meta.at('labels').whole();
  const [version = '', group = ''] = (read.at('apiVersion').text() ?? '').split('/').toReversed();
  return {
    object,
    kind,
    group,
    version,
    // In kinds of SMI matches stand in place of a spec.
    hasSpec: !read.at('spec').isEmpty || !read.at('matches').isEmpty,
    namespace: meta.at('namespace').text(),
    name,
    labels: labels as Source['labels'],
    read,
    tell: (type, message) => void remarks.push({ object, type, path: '', message }),
  };
}

/** The namespace that an object is in where nobody says another. */
export function namespaceOf({ namespace }: Pick<Source, 'namespace'>): string {
  return namespace ?? 'default';
}
