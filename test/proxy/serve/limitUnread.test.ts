import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import test, { type ExecutionContext } from 'ava';
import { limitUnread } from '../../../proxy/serve/limitUnread.ts';
import { type Backend, startBackend, startOkBackend } from '../backend.ts';
import { setUp, type Sidecar, type SidecarOptions } from '../harness.ts';
import { connect, type Peer } from '../peer.ts';

// More than the buffers of the sidecar and of its server take.
const bytes = 4_000_000;
const post = `POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes}\r\n\r\n`;
const everyMs = 100;
const stillMs = 5 * everyMs;

/** Takes connections and reads nothing, until it is told to. */
async function startStuck(t: ExecutionContext): Promise<Backend> {
  return startBackend(t, (peer) => peer.socket.pause());
}

async function upload(port: number, head = post): Promise<Peer> {
  const peer = await connect(port);
  peer.write(head);
  peer.write(Buffer.alloc(bytes));
  return peer;
}

/** What has stood for so long. */
function unread({ engine }: Sidecar): number {
  const sinceMs = performance.now() - stillMs;
  return [...engine.connections].reduce((sum, { served }) => sum + (served.unread?.(sinceMs) ?? 0), 0);
}

/** Waits until so many connections have something that stands still. */
async function stand({ engine }: Sidecar, count: number): Promise<void> {
  const standing = (): number => {
    const sinceMs = performance.now() - stillMs;
    return [...engine.connections].filter(({ served }) => (served.unread?.(sinceMs) ?? 0) > 0).length;
  };
  for (let turn = 0; turn < 3000 && standing() !== count; turn++) await sleep(10);
}

function limit(t: ExecutionContext, { engine }: Sidecar, limitBytes: number): unknown[] {
  const lines: unknown[] = [];
  const log = pino({}, { write: (line) => void lines.push(JSON.parse(line)) });
  t.teardown(limitUnread(engine.connections, { limitBytes, everyMs }, log));
  return lines;
}

for (const [title, opaque] of [
  ['uploads for a server that takes nothing', false],
  ['tunnels to a server that takes nothing', true],
] as const) {
  test(`${title} have what stands still within the limit, and those beyond it are refused`, async (t) => {
    const stuck = await startStuck(t);
    const options: SidecarOptions = opaque ? { opaquePorts: [stuck.port] } : {};
    const sidecar = setUp(t, options);
    const port = await sidecar.straight(stuck.port, 'outbound');
    const peers: Peer[] = [];
    for (let count = 0; count < 8; count++) peers.push(await upload(port, opaque ? '\0' : post));
    await stand(sidecar, 8);
    const all = unread(sidecar);
    t.true(all > 8 * 30_000, `${all} bytes`);
    const lines = limit(t, sidecar, all / 2);
    for (let turn = 0; turn < 3000 && unread(sidecar) > all / 2; turn++) await sleep(10);
    t.true(unread(sidecar) <= all / 2);
    const refused = sidecar.entries.filter((entry) => entry['flags'] === 'OM');
    t.true(refused.length > 0 && refused.length < 8, `${refused.length} were refused`);
    t.is(lines.length, 1);
    await sleep(everyMs * 4);
    t.is(sidecar.entries.length, refused.length, 'the others stay');
    for (const peer of peers) peer.socket.destroy();
    await stuck.close();
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

test('what is refused is told so, and an upload that flows is none of it', async (t) => {
  const [stuck, fine] = [await startStuck(t), await startOkBackend(t)];
  const sidecar = setUp(t);
  const lines = limit(t, sidecar, 0);
  const standing = await upload(await sidecar.straight(stuck.port));
  const flowing = await connect(await sidecar.straight(fine.port));
  flowing.write(post);
  const until = performance.now() + 4 * stillMs;
  let sent = 0;
  while (performance.now() < until || standing.text === '') {
    const piece = Math.min(bytes - 1 - sent, 10_000);
    if (piece > 0) flowing.write(Buffer.alloc(piece));
    sent += piece;
    await sleep(10);
  }
  await standing.sees('HTTP/1.1 503 ');
  flowing.write(Buffer.alloc(bytes - sent));
  await flowing.sees('HTTP/1.1 200 ');
  t.is(lines.length, 1);
  standing.socket.destroy();
});
