import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type BackendName, type BenchGround, backendPorts, cores, logTo, onCore, podAddress } from '../ground.ts';
import type { Candidate } from './candidate.ts';

const needs = { haproxy: 'haproxy' };

/** Where each of them is reached, and where it listens: a row may have several beside each other. */
const places = {
  http: { address: '10.96.1.10', ownPort: 9101 },
  'http, 256 KB': { address: '10.96.1.13', ownPort: 9106 },
  'http, HTTP/2': { address: '10.96.1.14', ownPort: 9107 },
  'http, HTTP/2, 256 KB': { address: '10.96.1.15', ownPort: 9108 },
  tcp: { address: '10.96.1.11', ownPort: 9102 },
  'tcp, splice': { address: '10.96.1.12', ownPort: 9103 },
} as const;

const largeBuffers = ' tune.bufsize 262144';
// As large as that of a stream of ours grows; HAProxy's own choice is 64 KB.
const largeWindow = ' tune.h2.initial-window-size 524288';
const timeouts = [' timeout client 1h', ' timeout server 1h', ' timeout connect 5s', ' timeout tunnel 1h'];

/** HAProxy with one thread and `option httplog` to a file, with buffers of 16 KB, its default. */
export function haproxyHttp(backend: BackendName): Candidate {
  return { name: 'haproxy, httplog', needs, start: (ground) => startHttp(ground, 'http', backend) };
}

/** The same with buffers of 256 KB: what it takes to be good at large bodies. */
export function haproxyLargeBuffers(backend: BackendName): Candidate {
  return { name: 'haproxy, httplog, 256 KB', needs, start: (ground) => startHttp(ground, 'http, 256 KB', backend) };
}

/** The same with HTTP/2 on both sides. */
export function haproxyHttp2(backend: BackendName): Candidate {
  return { name: 'haproxy, httplog, h2', needs, start: (ground) => startHttp(ground, 'http, HTTP/2', backend) };
}

/** That with buffers of 256 KB, and windows of 512 KB: what it takes to be good at one large stream. */
export function haproxyHttp2LargeBuffers(backend: BackendName): Candidate {
  const place = 'http, HTTP/2, 256 KB';
  return { name: 'haproxy, httplog, h2, 256 KB', needs, start: (ground) => startHttp(ground, place, backend) };
}

/** HAProxy as a TCP proxy with 256 KB buffers, as our tunnel has them. */
export const haproxyTcp: Candidate = { name: 'haproxy, tcp', needs, start: (ground) => startTcp(ground, 'tcp', []) };

/** The same, moving bytes inside the kernel. */
export const haproxySplice: Candidate = {
  name: 'haproxy, tcp, splice',
  needs,
  start: (ground) =>
    startTcp(ground, 'tcp, splice', [' option splice-auto', ' option splice-response', ' option splice-request']),
};

function startHttp(ground: BenchGround, place: Extract<keyof typeof places, `http${string}`>, backend: BackendName) {
  const protocol = place.includes('HTTP/2') ? ' proto h2' : '';
  return start(ground, place, [
    'global',
    ' nbthread 1',
    ' maxconn 4096',
    ...(place.includes('256 KB') ? [largeBuffers] : []),
    ...(place === 'http, HTTP/2, 256 KB' ? [largeWindow] : []),
    ' log stdout format raw local0',
    'defaults',
    ' mode http',
    ' log global',
    ' option httplog',
    ' http-reuse always',
    ...timeouts,
    'listen bench',
    ` bind 127.0.0.1:${places[place].ownPort}${protocol}`,
    ` server backend ${podAddress}:${backendPorts[backend]}${protocol}`,
  ]);
}

function startTcp(ground: BenchGround, place: 'tcp' | 'tcp, splice', options: readonly string[]) {
  return start(ground, place, [
    'global',
    ' nbthread 1',
    ' maxconn 512',
    largeBuffers,
    'defaults',
    ' mode tcp',
    ...options,
    ...timeouts,
    'listen bench',
    ` bind 127.0.0.1:${places[place].ownPort}`,
    ` server backend ${podAddress}:${backendPorts.tcp}`,
  ]);
}

async function start(ground: BenchGround, place: keyof typeof places, configuration: readonly string[]) {
  const { address, ownPort } = places[place];
  const file = path.join(ground.folder, `haproxy-${ownPort}.cfg`);
  await writeFile(file, `${configuration.join('\n')}\n`);
  const command = logTo(path.join(ground.folder, `haproxy-${ownPort}.log`), ['haproxy', '-db', '-q', '-f', file]);
  const { pid } = ground.namespace.start({ command: onCore(cores.proxy, command) });
  await ground.redirect({ address, port: 80 }, ownPort);
  return { pid, address, port: 80 };
}
