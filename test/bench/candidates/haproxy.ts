import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type BenchGround, backendPorts, cores, logTo, onCore, podAddress } from '../ground.ts';
import type { Candidate } from './candidate.ts';

const needs = { haproxy: 'haproxy' };
const at = { http: '10.96.1.10', tcp: '10.96.1.11', splice: '10.96.1.12' };
const ports = { http: 9101, tcp: 9102, splice: 9103 };

/** HAProxy with one thread and `option httplog` to a file. */
export const haproxyHttp: Candidate = {
  name: 'haproxy, httplog',
  needs,
  start: (ground) =>
    start(ground, 'http', [
      'global',
      ' nbthread 1',
      ' maxconn 4096',
      ' log stdout format raw local0',
      'defaults',
      ' mode http',
      ' log global',
      ' option httplog',
      ' http-reuse always',
      ...timeouts,
      'listen bench',
      ` bind 127.0.0.1:${ports.http}`,
      ` server backend ${podAddress}:${backendPorts.http}`,
    ]),
};

/** HAProxy as a TCP proxy with 256 KB buffers, as our tunnel has them. */
export const haproxyTcp: Candidate = { name: 'haproxy, tcp', needs, start: (ground) => startTcp(ground, 'tcp', []) };

/** The same, moving bytes inside the kernel. */
export const haproxySplice: Candidate = {
  name: 'haproxy, tcp, splice',
  needs,
  start: (ground) =>
    startTcp(ground, 'splice', [' option splice-auto', ' option splice-response', ' option splice-request']),
};

const timeouts = [' timeout client 1h', ' timeout server 1h', ' timeout connect 5s'];

function startTcp(ground: BenchGround, kind: 'tcp' | 'splice', options: readonly string[]) {
  return start(ground, kind, [
    'global',
    ' nbthread 1',
    ' maxconn 512',
    ' tune.bufsize 262144',
    'defaults',
    ' mode tcp',
    ...options,
    ...timeouts,
    'listen bench',
    ` bind 127.0.0.1:${ports[kind]}`,
    ` server backend ${podAddress}:${backendPorts.tcp}`,
  ]);
}

async function start(ground: BenchGround, kind: keyof typeof ports, configuration: readonly string[]) {
  const file = path.join(ground.folder, `haproxy-${kind}.cfg`);
  await writeFile(file, `${configuration.join('\n')}\n`);
  const command = logTo(path.join(ground.folder, `haproxy-${kind}.log`), ['haproxy', '-db', '-q', '-f', file]);
  const { pid } = ground.namespace.start({ command: onCore(cores.proxy, command) });
  const port = kind === 'http' ? 80 : backendPorts.tcp;
  await ground.redirect({ address: at[kind], port }, ports[kind]);
  return { pid, address: at[kind], port };
}
