import { noFailures } from './clients.ts';
import { agentKilled, nonsense } from './faults/agents.ts';
import { changed } from './faults/changes.ts';
import { replaced, startSets } from './faults/replaced.ts';
import { type Fault, startVersions, underLoad } from './faults/steady.ts';
import { type Lab, labTest } from './labTest.ts';
import type { Mesh } from './mesh.ts';

// Short forms of what test/bench/faults.ts does at length.
const cases: readonly (readonly [title: string, start: (lab: Lab) => Promise<Mesh>, fault: Fault])[] = [
  ['the agent is killed again and again', startVersions, agentKilled(5)],
  ['the agent talks nonsense', startVersions, nonsense(40)],
  ['all endpoints are replaced', startSets, replaced(2)],
  ['routes change all the time', startVersions, changed(100, 6000)],
];

for (const [title, start, fault] of cases) {
  labTest(`under load: ${title}, and no request fails`, async (t, lab) => {
    const mesh = await start(lab);
    const { said, wrong, load } = await underLoad(mesh, fault);
    t.log(`${load.requests} requests; ${said}`);
    noFailures(t, load, mesh.pod('client').sidecar);
    t.deepEqual(wrong, []);
    // Far more than one for each connection: the load did not stand still.
    t.true(load.requests > 80, `${load.requests} requests`);
  });
}
