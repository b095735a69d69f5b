import { randomBytes } from 'node:crypto';
import { apply, tryKubectl, waitFor } from '../kubectl.ts';

/** Labels of a namespace whose pods get sidecars, and of a pod that asks for one. */
export const injected = { 'heddle.dev/inject': 'enabled' } as const;

type Labels = Readonly<Record<string, string>>;

/** A name that no run before has used, since what that one left may still be going. */
export function freshName(prefix: string): string {
  return `${prefix}-${randomBytes(3).toString('hex')}`;
}

/** Makes a namespace, with injection unless other labels are given, in which pods can be made. */
export async function makeNamespace(name: string, labels: Labels = injected): Promise<string> {
  await apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }]);
  // Pods are refused before it is there.
  await waitFor(name, 'serviceaccount/default', 'create');
  return name;
}

/** Begins to delete namespaces, for teardown. */
export async function removeNamespaces(...names: readonly string[]): Promise<void> {
  await tryKubectl('delete', 'namespace', ...names, '--wait=false', '--ignore-not-found');
}
