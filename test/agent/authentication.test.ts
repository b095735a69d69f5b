import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { execa } from 'execa';
import { endpointsTypeUrl as typeUrl } from '../../routing/wire/typeUrls.ts';
import { makeCa } from '../certificates.ts';
import { freePort } from '../freePort.ts';
import { type Answer, json, startScripted } from '../kubernetes/scripted.ts';
import { makeMount } from '../mount.ts';
import { TestClient } from './discovery/client.ts';
import { believing, makeToken } from './discovery/tokens.ts';

const main = path.join(import.meta.dirname, '../../agent/main.ts');

/** An API server without any object, whose watches never end, and that believes every token. */
const empty: Answer = (got, response, request) => {
  if (got.method === 'POST') return believing(got, response, request);
  if (got.url.searchParams.get('watch') === null)
    return json(200, { kind: 'List', metadata: { resourceVersion: '1' }, items: [] })(got, response, request);
  const metadata = { resourceVersion: '1', annotations: { 'k8s.io/initial-events-end': 'true' } };
  response.writeHead(200).write(`${JSON.stringify({ type: 'BOOKMARK', object: { metadata } })}\n`);
  return undefined;
};

async function startAgent(t: ExecutionContext, env: Readonly<Record<string, string>>) {
  const agent = execa(process.execPath, [main], {
    env: {
      HEDDLE_DISCOVERY_ADDRESS: '127.0.0.1:0',
      HEDDLE_READY_PORT: String(await freePort()),
      HEDDLE_METRICS_PORT: String(await freePort()),
      ...env,
    },
    reject: false,
    all: true,
  });
  t.teardown(async () => {
    agent.kill('SIGKILL');
    await agent;
  });
  let output = '';
  agent.all.setEncoding('utf8').on('data', (text: string) => (output += text));
  const seen = async (text: RegExp): Promise<string> => {
    for (let tries = 0; tries < 12_000 && !text.test(output); tries += 1)
      await new Promise((wake) => setTimeout(wake, 5));
    return text.exec(output)?.[1] ?? t.fail(`${String(text)} is not in:\n${output}`);
  };
  return { agent, seen, output: () => output };
}

test('an agent on a cluster shows its certificate and serves whom the API server knows', async (t) => {
  const { origin, got } = await startScripted(t, [empty]);
  const ca = await makeCa();
  const issued = await ca.issue();
  const mount = makeMount(t, { 'tls.crt': issued.cert, 'tls.key': issued.key, kubeconfig: kubeconfig(origin) });
  const { seen } = await startAgent(t, {
    KUBECONFIG: mount.file('kubeconfig'),
    HEDDLE_TLS_CERT_FILE: mount.file('tls.crt'),
    HEDDLE_TLS_KEY_FILE: mount.file('tls.key'),
  });
  await seen(/("Agent ready")/);
  const address = await seen(/"address":"([^"]+)"/);
  const authorization = `Bearer ${makeToken({ namespace: 'shop', pod: 'a' })}`;
  const known = new TestClient(address, undefined, { ca: ca.pem, authorization });
  const unknown = new TestClient(address, undefined, { ca: ca.pem });
  t.teardown(() => [known, unknown].forEach((client) => client.close()));
  known.send({ typeUrl, resourceNamesSubscribe: ['shop/web:80'] });
  t.deepEqual((await known.take()).removedResources, ['shop/web:80']);
  t.regex((await unknown.ended)?.details ?? '', /there is no token/);
  await seen(/("Stream refused: it does not prove which pod it is")/);
  t.is(got.filter(({ method }) => method === 'POST').length, 1);
});

test('an agent whose certificate cannot be read says which file, and ends', async (t) => {
  const mount = makeMount(t, { 'tls.crt': 'garbage', 'tls.key': 'garbage' });
  writeFileSync(path.join(path.dirname(mount.file('tls.crt')), 'empty.yaml'), '');
  const { agent, output } = await startAgent(t, {
    HEDDLE_CONFIG_DIR: path.dirname(mount.file('tls.crt')),
    HEDDLE_TLS_CERT_FILE: mount.file('tls.crt'),
    HEDDLE_TLS_KEY_FILE: mount.file('tls.key'),
  });
  t.is((await agent).exitCode, 1);
  t.regex(output(), /agent: .*tls\.crt cannot be used as PEM/);
});

function kubeconfig(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'x',
    clusters: [{ name: 'x', cluster: { server } }],
    users: [{ name: 'x', user: { token: 'agent' } }],
    contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
  });
}
