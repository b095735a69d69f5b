import test, { type ExecutionContext } from 'ava';
import { freshName, injected, makeNamespace, removeNamespaces } from './namespace.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * A namespace of a test file, with injection unless other labels are given: made before the `before` hooks that are not
 * serial, and deleted after all tests. Its name is another one in each run.
 */
export function useNamespace(prefix: string, labels: Labels = injected): string {
  const name = freshName(prefix);
  test.serial.before(`namespace ${name}`, async () => void (await makeNamespace(name, labels)));
  test.after.always(`namespace ${name} goes`, () => removeNamespaces(name));
  return name;
}

/** A namespace of one test, which goes when that test ends. */
export async function ownNamespace(t: ExecutionContext, prefix: string, labels: Labels = injected): Promise<string> {
  const name = freshName(prefix);
  t.teardown(() => removeNamespaces(name));
  return makeNamespace(name, labels);
}
