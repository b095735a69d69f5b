import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { heddleCommand } from '../../lab/programs.ts';
import { temporaryFolder } from '../../lab/temporaryFolder.ts';
import { curl } from './clients.ts';
import { type Lab, labTest } from './labTest.ts';
import { type Mesh, startMesh } from './mesh.ts';
import { routeObject } from './objects.ts';
import { lacksTool } from './programs.ts';

const noNghttp = await lacksTool('nghttp2');

const services = [
  { name: 'web', ip: 1, pods: ['web'], appProtocol: 'kubernetes.io/h2c' },
  { name: 'old', ip: 2, pods: ['old'], appProtocol: 'http' },
];
const routes = [routeObject({ parent: 'old', rules: [{ backendRefs: [{ name: 'old', port: 80 }] }] })];
const web = 'http://10.96.0.1';
const old = 'http://10.96.0.2';
const megabytes = Buffer.alloc(5_000_000, 'sixteen bytes...');
const digest = { length: megabytes.length, sha256: createHash('sha256').update(megabytes).digest('hex') };

/** A backend of HTTP/2 and one of HTTP/1.1; both are asked in HTTP/2. */
function startBackends(lab: Lab): Promise<Mesh> {
  return startMesh(lab, {
    pods: { client: {}, web: { apps: [['http2App.ts', 'web', '8080']] }, old: {} },
    services,
    routes,
  });
}

async function bodyFile(): Promise<string> {
  const file = join(temporaryFolder('heddle-test-'), 'body');
  await writeFile(file, megabytes);
  return file;
}

async function output(t: ExecutionContext, mesh: Mesh, ...command: readonly string[]): Promise<string> {
  const { stdout, stderr, code } = await mesh.pod('client').pod.run({ command });
  t.is(code, 0, `${command.join(' ')}: ${stderr}`);
  return stdout;
}

labTest(
  'curl over HTTP/2, to backends of HTTP/2 and of HTTP/1.1, and over HTTP/1.1 to one of HTTP/2',
  async (t, lab) => {
    const mesh = await startBackends(lab);
    const { pod } = mesh.pod('client');
    const body = await bodyFile();
    for (const [protocol, url] of [
      ['--http2-prior-knowledge', `${web}/digest`],
      ['--http2-prior-knowledge', `${old}/digest`],
      // By an upgrade, which is passed over.
      ['--http2', `${web}/digest`],
      ['--http1.1', `${web}/digest`],
    ] as const) {
      t.like(JSON.parse((await curl(pod, protocol, '-T', body, url)).text), digest, `${protocol} ${url}`);
    }
    // A process for each: over one connection of HTTP/2 curl 7.88 fails from its second request on, without a proxy, too.
    const all = ['-sS', '-o', '/dev/null', '-w', '%{http_version} %{http_code} %{size_download}'];
    for (const [protocol, version, url] of [
      ['--http2-prior-knowledge', '2', web],
      ['--http2-prior-knowledge', '2', old],
      ['--http1.1', '1.1', web],
    ] as const) {
      const get = (): Promise<string> => output(t, mesh, 'curl', protocol, ...all, `${url}/bytes/5000000`);
      const expected = `${version} 200 5000000`;
      t.deepEqual(await Promise.all([get(), get(), get()]), [expected, expected, expected], `${protocol} ${url}`);
    }
  },
);

/** How many requests h2load makes, and how: with long bodies, with small windows. */
function loads(body: string): readonly (readonly [count: string, ...options: string[]])[] {
  return [['1000'], ['16', '-d', body], ['200', '-w', '10', '-W', '10']];
}

labTest(
  'nghttp, with all that it can do otherwise, and h2load',
  async (t, lab) => {
    const mesh = await startBackends(lab);
    const body = await bodyFile();
    const ways = [
      // Streams that depend on idle ones, as nghttp makes them by itself.
      ['-m', '50'],
      ['-m', '50', '--no-dep', '--padding', '200'],
      ['-m', '10', '--window-bits', '10', '--connection-window-bits', '10'],
      ['-m', '10', '--header-table-size', '0', '--encoder-header-table-size', '0'],
      ['-m', '4', '-d', body],
      ['-m', '4', '-d', body, '--no-content-length', '--trailer', 'x-checksum: abc'],
    ];
    // Fields of so many bytes that Node's HTTP/1.1 refuses them.
    const continued = ['-m', '10', '--continuation'];
    for (const url of [web, old]) {
      for (const way of url === web ? [...ways, continued] : ways) {
        const stat = await output(t, mesh, 'nghttp', '-n', '-s', '-t', '60s', ...way, `${url}/bytes/3000`);
        const answered = stat.split('\n').filter((line) => / 200 +\d+\S* \/bytes\/3000$/.test(line));
        t.is(answered.length, Number(way[1]), `${way.join(' ')} ${url}: ${stat}`);
      }
      for (const [count, ...way] of loads(body)) {
        const load = ['h2load', '-p', 'h2c', '-c', '4', '-m', '32', '-n', count, ...way, `${url}/x`];
        const said = await output(t, mesh, ...load);
        t.regex(said, new RegExp(`requests: ${count} total, .* ${count} succeeded, 0 failed`), load.join(' '));
        t.regex(said, new RegExp(`status codes: ${count} 2xx, 0 3xx, 0 4xx, 0 5xx`), load.join(' '));
      }
    }
    const waits = await output(t, mesh, 'nghttp', '-v', '--expect-continue', '-d', body, `${old}/digest`);
    t.regex(waits, /:status: 100[^]*:status: 200/);
    t.true(waits.includes(digest.sha256), waits.slice(-2000));
  },
  () => noNghttp,
);

labTest('node:http2: a hundred streams with trailers, small windows, and one that is given up', async (t, lab) => {
  const mesh = await startBackends(lab);
  const said = await output(t, mesh, ...heddleCommand('test/e2e/programs/http2Client.ts', web));
  t.deepEqual(JSON.parse(said), {
    wrong: [],
    large: '5000000 of 5000000, 5000000',
    givesUp: 8,
    pinged: true,
    afterwards: '3 of 3, 3',
  });
});
