import { noFailures } from './clients.ts';
import { type End, rolled, startServers } from './faults/rolled.ts';
import { labTest } from './labTest.ts';

// Short forms of what test/bench/faults.ts does at length.
const cases: readonly (readonly [how: string, end: End, ageMs?: number])[] = [
  ['end by GOAWAY', 'goaway'],
  ['end their connections by age, and themselves at once when nothing is under way', 'killed', 200],
];

for (const [how, end, ageMs] of cases) {
  labTest(`under load: all gRPC servers are replaced, which ${how}, and no RPC fails`, async (t, lab) => {
    const mesh = await startServers(end, ageMs)(lab);
    const { said, wrong, load } = await rolled(mesh, end, 2000);
    t.log(`${load.requests} RPCs; ${said}`);
    noFailures(t, load, mesh.pod('client').sidecar);
    t.deepEqual(wrong, []);
  });
}
