import { Reading } from './reading.ts';
import type { Remark } from './remark.ts';

/** An object that is to be converted. */
export type Source = {
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
  const named = value as {
    readonly kind?: unknown;
    readonly spec?: unknown;
    /** In place of a spec, in kinds of SMI. */
    readonly matches?: unknown;
    readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown };
  };
  const { kind, metadata } = named ?? {};
  if (typeof kind !== 'string' || typeof metadata?.name !== 'string') return undefined;
  const object = `${kind} ${typeof metadata.namespace === 'string' ? metadata.namespace : 'default'}/${metadata.name}`;
  const read = new Reading(value, '', (remark) => remarks.push({ object, ...remark }));
  const meta = read.at('metadata');
  read.at('kind').whole();
  read.at('status').whole();
  for (const name of ofTheServer) meta.at(name).whole();
  for (const [name, annotation] of meta.at('annotations').entries()) if (ofTools.test(name)) annotation.whole();
  const labels = meta.at('labels').whole();
  const [version = '', group = ''] = (read.at('apiVersion').text() ?? '').split('/').toReversed();
  return {
    kind,
    group,
    version,
    hasSpec: !isEmpty(named.spec) || !isEmpty(named.matches),
    namespace: meta.at('namespace').text(),
    name: meta.at('name').text() ?? '',
    labels: labels as Source['labels'],
    read,
    tell: (type, message) => void remarks.push({ object, type, path: '', message }),
  };
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

/** The namespace that an object is in where nobody says another. */
export function namespaceOf({ namespace }: Pick<Source, 'namespace'>): string {
  return namespace ?? 'default';
}
