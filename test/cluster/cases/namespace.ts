import { randomBytes } from 'node:crypto';
import test from 'ava';
import { apply, tryKubectl, waitFor } from '../kubectl.ts';

const injected = { 'heddle.dev/inject': 'enabled' };

/**
 * A namespace of a test file, with injection unless other labels are given: made before the other `before` hooks, deleted
 * after all tests. Its name is another one in each run, so that no run meets what a former one is still deleting.
 */
export function useNamespace(prefix: string, labels: Readonly<Record<string, string>> = injected): string {
  const name = `${prefix}-${randomBytes(2).toString('hex')}`;
  test.serial.before(`namespace ${name}`, async () => {
    await apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }]);
    // Pods are refused before it is there.
    await waitFor(name, 'serviceaccount/default', 'create');
  });
  test.after.always(`namespace ${name} goes`, async () => {
    await tryKubectl('delete', 'namespace', name, '--wait=false', '--ignore-not-found');
  });
  return name;
}
