import { type RPCSummary, startRPCs, until } from '../clients.ts';
import type { Lab } from '../labTest.ts';
import { type Mesh, type MeshPod, startMesh } from '../mesh.ts';
import { connectionsFrom, inTurn, known, restart, sets } from './sets.ts';
import type { Outcome } from './steady.ts';

/**
 * How the servers that are replaced end: by GOAWAY, just before or just after the slice says so, since kubelet and controller
 * do not wait for each other; or at once, when nothing is under way there any more.
 */
export type End = 'goaway' | 'killed';

/** What a rolling update did to RPCs. `shiftMs`: from a change of the slice until all RPCs went where it says, at the worst. */
export type Rolled = Outcome & { readonly load: RPCSummary; readonly shiftMs: number };

/** A change of the slice: servers that are in or out since then, and when the client's sidecar knew it. */
type Change = {
  readonly type: 'In' | 'Out';
  readonly servers: readonly string[];
  readonly atMs: number;
  readonly knownMs: number;
};

const rpc = { name: 'rpc', ip: 1, appProtocol: 'kubernetes.io/h2c' } as const;

/** A mesh with the gRPC Service `rpc` before one set of servers; those of the other stand by. */
export function startServers(end: End, ageMs?: number): (lab: Lab) => Promise<Mesh> {
  const args = [end, ...(ageMs === undefined ? [] : [`${ageMs}`])];
  const server = (name: string) => [name, { apps: [['rollingServer.ts', name, '8080', ...args]] }];
  const pods = Object.fromEntries([['client', {}], ...sets.flat().map(server)]);
  return (lab) => startMesh(lab, { pods, services: [{ ...rpc, pods: sets[0] }] });
}

/**
 * Replaces all servers as a rolling update does, while RPCs flow over connections that stay: twice, and until so many RPCs are
 * done. None may fail, and none may go to a server that the client's sidecar knew to be out when it began.
 */
export async function rolled(mesh: Mesh, end: End, rpcs: number): Promise<Rolled> {
  const load = await startRPCs(mesh.pod('client').pod, `http://10.96.0.${rpc.ip}`, 4);
  const changes: Change[] = [];
  let turns = 0;
  for (; turns < 2 || load.done() < rpcs; turns += 1) changes.push(...(await replace(mesh, end, turns)));
  const summary = await load.stop();
  const shiftMs = Math.max(...changes.map((change) => shifted(change, summary)));
  return {
    said: `all servers replaced ${turns} times (${end}); RPCs went to the new ones, and to no old one, after ${shiftMs} ms`,
    wrong: changes.flatMap((change) => strays(change, summary)),
    load: summary,
    shiftMs,
  };
}

async function replace(mesh: Mesh, end: End, turn: number): Promise<readonly Change[]> {
  const [old, next] = inTurn(turn);
  const both = [...old, ...next];
  // They have ended in the turn before.
  if (turn > 0) await Promise.all(next.map((name) => restart(mesh, name)));
  await mesh.writeService({ ...rpc, pods: both });
  const arrival = await written(mesh, 'In', { of: next, all: both });
  const stop = (): Promise<unknown> =>
    Promise.all(old.map((name) => stopPod(mesh.pod(name), [0, 3].includes(turn % 4) ? 'atOnce' : 'last')));
  const early = end === 'goaway' && turn % 2 === 0 ? stop() : undefined;
  await mesh.writeService({ ...rpc, pods: both, terminating: old });
  const departure = await written(mesh, 'Out', { of: old, all: next });
  await mesh.writeService({ ...rpc, pods: next });
  if (end === 'killed') for (const name of old) await until(async () => (await connectionsFrom(mesh, name)) === 0);
  await (early ?? stop());
  return [arrival, departure];
}

/** As a kubelet does it: a sidecar is told last where it is one to Kubernetes as well, else together with the others. */
async function stopPod({ apps, sidecar }: MeshPod, sidecarsTurn: 'atOnce' | 'last'): Promise<void> {
  const stopped = apps.map((app) => app.stop('SIGTERM'));
  if (sidecarsTurn === 'last') await Promise.all(stopped);
  await Promise.all([...stopped, sidecar.stop('SIGTERM')]);
}

/** The slice has just said that servers are in or out; waits until the client's sidecar balances over all that are in. */
async function written(
  mesh: Mesh,
  type: Change['type'],
  { of, all }: { readonly of: readonly string[]; readonly all: readonly string[] },
): Promise<Change> {
  const atMs = Date.now();
  const servers = of.flatMap((name) => mesh.pod(name).apps.map(({ pid }) => `${name}/${pid}`));
  await known(mesh, rpc.name, all);
  return { type, servers, atMs, knownMs: Date.now() };
}

function shifted({ type, servers, atMs }: Change, { servers: seen }: RPCSummary): number {
  const times = servers.map((name) => (type === 'In' ? seen[name]?.firstMs : seen[name]?.lastMs) ?? atMs);
  return Math.max(0, ...times.map((ms) => ms - atMs));
}

function strays({ type, servers, knownMs }: Change, { servers: seen }: RPCSummary): readonly string[] {
  if (type === 'In') return servers.filter((name) => seen[name] === undefined).map((name) => `${name} got no RPC`);
  return servers.flatMap((name) => {
    const lateMs = (seen[name]?.lastMs ?? 0) - knownMs;
    return lateMs > 0 ? [`${name} got an RPC that began ${lateMs} ms after it was known to be out`] : [];
  });
}
