import test, { type ExecutionContext } from 'ava';
import { type Node, createNode } from '../../lab/node.ts';
import { type Ground, checkGround } from '../../lab/requirements.ts';

const checked = await checkGround();
let labs = 0;

/** What a test of the lab gets: its own node, closed when the test ends, and what the machine allows. */
export type Lab = { readonly node: Node; readonly ground: Ground };

/**
 * A test that needs network namespaces. Where they cannot be had it counts as skipped, the reason in its title;
 * with HEDDLE_LAB_REQUIRED set, as in CI, it fails instead. `lacks` may name what else this machine does not have.
 */
export function labTest(
  title: string,
  body: (t: ExecutionContext, lab: Lab) => Promise<void>,
  lacks: (ground: Ground) => string | undefined = () => undefined,
): void {
  const reason = checked.ok ? lacks(checked.ground) : checked.problems.join('; ');
  if (checked.ok && reason === undefined) {
    const { ground } = checked;
    test.serial(title, async (t) => {
      labs += 1;
      const node = await createNode(ground.access, `test-${process.pid}-${labs}`);
      t.teardown(() => node.close());
      await body(t, { node, ground });
    });
  } else if (process.env['HEDDLE_LAB_REQUIRED'] === undefined) {
    test.skip(`${title} (skipped: ${reason})`, (t) => t.pass());
  } else {
    test(title, (t) => t.fail(reason));
  }
}
