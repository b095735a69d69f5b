import { parseArgs } from 'node:util';
import { createNode } from '../../lab/node.ts';
import { checkGround } from '../../lab/requirements.ts';
import { agentKilled, nonsense } from '../e2e/faults/agents.ts';
import { changed } from '../e2e/faults/changes.ts';
import { replaced, startSets } from '../e2e/faults/replaced.ts';
import { type End, rolled, startServers } from '../e2e/faults/rolled.ts';
import { soaked } from '../e2e/faults/soak.ts';
import type { Counted } from '../e2e/clients.ts';
import { type Fault, type Outcome, startVersions, startVersionsAsInImage, underLoad } from '../e2e/faults/steady.ts';
import type { Lab } from '../e2e/labTest.ts';
import type { Mesh } from '../e2e/mesh.ts';

/**
 * Faults under steady load in the lab, at length: no request may fail. `--fault nonsense` only that one, `--minutes 3` of
 * soak, `--rpcs 5000` during each rolling update of gRPC servers. Exits with 1 where one was not withstood.
 * test/e2e/faults.test.ts and rollingUpdate.test.ts have the short forms.
 */
const { values } = parseArgs({
  options: {
    fault: { type: 'string', multiple: true },
    minutes: { type: 'string', default: '10' },
    rpcs: { type: 'string', default: '50000' },
  },
});
const minutes = Number(values.minutes);

/** From a change of an EndpointSlice until all RPCs go where it says. */
const mostShiftMs = 1000;

type Withstood = Outcome & { readonly load: Counted };

const faults: Readonly<Record<string, (lab: Lab) => Promise<Withstood>>> = {
  killed: underHTTP(startVersions, agentKilled(50)),
  nonsense: underHTTP(startVersions, nonsense(200)),
  replaced: underHTTP(startSets, replaced(10)),
  changed: underHTTP(startVersions, changed(1000, 60_000)),
  'rpc-goaway': underRPCs('goaway'),
  'rpc-killed': underRPCs('killed'),
  'rpc-aged': underRPCs('goaway', 300),
  ...(minutes > 0 ? { soak: underHTTP(startVersionsAsInImage, soaked(minutes), 'half') } : {}),
};

function underHTTP(start: (lab: Lab) => Promise<Mesh>, fault: Fault, load?: 'half'): (lab: Lab) => Promise<Withstood> {
  return async (lab) => underLoad(await start(lab), fault, load);
}

function underRPCs(end: End, ageMs?: number): (lab: Lab) => Promise<Withstood> {
  return async (lab) => {
    const { shiftMs, wrong, ...rest } = await rolled(await startServers(end, ageMs)(lab), end, Number(values.rpcs));
    const late = shiftMs > mostShiftMs ? [`that is more than ${mostShiftMs} ms`] : [];
    return { ...rest, wrong: [...wrong, ...late] };
  };
}

const checked = await checkGround();
if (!checked.ok) throw new Error(checked.problems.join('\n'));
const { ground } = checked;
for (const [name, bring] of Object.entries(faults)) {
  if (values.fault !== undefined && !values.fault.includes(name)) continue;
  const node = await createNode(ground.access, `faults-${name}`);
  try {
    const { said, wrong, load: did } = await bring({ node, ground });
    const isGood = did.failed === 0 && wrong.length === 0;
    console.log(`${name}: ${isGood ? 'good' : 'NOT GOOD'}; ${did.failed} of ${did.requests} requests failed; ${said}`);
    for (const line of [...wrong, ...did.firstFailures]) console.log(`  ${line}`);
    if (!isGood) process.exitCode = 1;
  } finally {
    await node.close();
  }
}
