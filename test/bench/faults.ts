import { parseArgs } from 'node:util';
import { createNode } from '../../lab/node.ts';
import { checkGround } from '../../lab/requirements.ts';
import { agentKilled, nonsense } from '../e2e/faults/agents.ts';
import { changed } from '../e2e/faults/changes.ts';
import { replaced, startSets } from '../e2e/faults/replaced.ts';
import { soaked } from '../e2e/faults/soak.ts';
import { type Fault, startVersions, startVersionsAsInImage, underLoad } from '../e2e/faults/steady.ts';
import type { Lab } from '../e2e/labTest.ts';
import type { Mesh } from '../e2e/mesh.ts';

/**
 * Faults under steady load in the lab, at length: no request may fail. `--fault nonsense` only that one, `--minutes 3` of
 * soak. Exits with 1 where one was not withstood. test/e2e/faults.test.ts has the short forms.
 */
const { values } = parseArgs({
  options: { fault: { type: 'string', multiple: true }, minutes: { type: 'string', default: '10' } },
});
const minutes = Number(values.minutes);

const faults: Readonly<
  Record<string, readonly [start: (lab: Lab) => Promise<Mesh>, fault: Fault, load: 'half' | 'full']>
> = {
  killed: [startVersions, agentKilled(50), 'full'],
  nonsense: [startVersions, nonsense(200), 'full'],
  replaced: [startSets, replaced(10), 'full'],
  changed: [startVersions, changed(1000, 60_000), 'full'],
  ...(minutes > 0 ? { soak: [startVersionsAsInImage, soaked(minutes), 'half'] as const } : {}),
};

const checked = await checkGround();
if (!checked.ok) throw new Error(checked.problems.join('\n'));
const { ground } = checked;
for (const [name, [start, fault, load]] of Object.entries(faults)) {
  if (values.fault !== undefined && !values.fault.includes(name)) continue;
  const node = await createNode(ground.access, `faults-${name}`);
  try {
    const mesh = await start({ node, ground });
    const { said, wrong, load: did } = await underLoad(mesh, fault, load);
    const isGood = did.failed === 0 && wrong.length === 0;
    console.log(`${name}: ${isGood ? 'good' : 'NOT GOOD'}; ${did.failed} of ${did.requests} requests failed; ${said}`);
    for (const line of [...wrong, ...did.firstFailures]) console.log(`  ${line}`);
    if (!isGood) process.exitCode = 1;
  } finally {
    await node.close();
  }
}
