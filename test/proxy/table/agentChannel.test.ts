import { setTimeout as sleep } from 'node:timers/promises';
import { ServerCredentials, status } from '@grpc/grpc-js';
import test, { type ExecutionContext } from 'ava';
import { agentName, type Ca, type Issued, makeCa } from '../../certificates.ts';
import { makeMount, type Mount } from '../../mount.ts';
import { type Agent, startAgent } from './agent.ts';
import { type Client, startClient } from './client.ts';

const credentialsOf = ({ cert, key }: Issued): ServerCredentials =>
  ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(cert), private_key: Buffer.from(key) }]);

/** `address`: that of an agent which was stopped. */
async function startTls(t: ExecutionContext, issued: Issued, address?: string): Promise<Agent> {
  return startAgent(t, { credentials: credentialsOf(issued), ...(address === undefined ? {} : { address }) });
}

function startTrusting(t: ExecutionContext, agent: Agent, mount: Mount, serverName = agentName): Client {
  return startClient(t, agent.address, {
    authentication: { caFile: mount.file('ca.crt'), tokenFile: mount.file('token'), serverName },
  });
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 3000 && !condition(); turn++) await sleep(10);
  if (!condition()) throw new Error('did not come about');
}

const lost = ({ log }: Client): Record<string, string>[] =>
  log.filter((line) => line.includes('Agent lost')).map((line) => JSON.parse(line) as Record<string, string>);

test('the agent is known by its certificate, and given the token as it is at that moment', async (t) => {
  const ca = await makeCa();
  const issued = await ca.issue();
  const agent = await startTls(t, issued);
  const mount = makeMount(t, { 'ca.crt': ca.pem, token: 'one.1.x\n' });
  const client = startTrusting(t, agent, mount);
  client.type.want('a');
  await agent.next();
  await until(() => client.subscriber.connected);
  t.deepEqual(agent.tokens, ['Bearer one.1.x']);
  mount.write({ 'ca.crt': ca.pem, token: 'two.2.x\n' });
  agent.stop();
  await until(() => !client.subscriber.connected);
  const again = await startTls(t, issued, agent.address);
  await until(() => client.subscriber.connected);
  t.deepEqual(again.tokens, ['Bearer two.2.x']);
});

test('a CA that is exchanged interrupts nothing, and counts for the next connection', async (t) => {
  const [old, next] = [await makeCa(), await makeCa()];
  const agent = await startTls(t, await old.issue());
  const mount = makeMount(t, { 'ca.crt': old.pem, token: 'a.b.c' });
  const client = startTrusting(t, agent, mount);
  await until(() => client.subscriber.connected);
  mount.write({ 'ca.crt': old.pem + next.pem, token: 'a.b.c' });
  await sleep(300);
  t.is(agent.streams.length, 1);
  t.deepEqual(lost(client), []);
  agent.stop();
  const renewed = await startTls(t, await next.issue(), agent.address);
  await until(() => client.subscriber.connected && renewed.streams.length === 1);
  mount.write({ 'ca.crt': next.pem, token: 'a.b.c' });
  renewed.stop();
  await until(() => !client.subscriber.connected);
  const stale = await startTls(t, await old.issue(), agent.address);
  await until(() => lost(client).some((line) => /is not of a CA/.test(line['advice'] ?? '')));
  t.deepEqual(stale.streams, [], 'what the old CA signed is trusted no more');
});

const untrusted: readonly (readonly [title: string, issue: (ca: Ca) => Promise<Issued>, serverName: string, RegExp])[] =
  [
    ['of another CA', async () => (await makeCa()).issue(), agentName, /not of a CA in HEDDLE_AGENT_CA_FILE/],
    ['for another name', (ca) => ca.issue({ names: ['other.svc'] }), agentName, /HEDDLE_AGENT_SERVER_NAME/],
    ['for a name that is not asked for', (ca) => ca.issue(), 'heddle-agent.elsewhere.svc', /HEDDLE_AGENT_SERVER_NAME/],
    [
      'that is not valid any more',
      (ca) => ca.issue({ notAfter: new Date(Date.now() - 1000) }),
      agentName,
      /not valid now/,
    ],
  ];
for (const [title, issue, serverName, advice] of untrusted) {
  test(`an agent with a certificate ${title} gets no token, and one line says what to do`, async (t) => {
    const ca = await makeCa();
    const agent = await startTls(t, await issue(ca));
    const client = startTrusting(t, agent, makeMount(t, { 'ca.crt': ca.pem, token: 'a.b.c' }), serverName);
    await until(() => lost(client).length > 0);
    await sleep(1000);
    t.is(lost(client).length, 1);
    t.regex(lost(client)[0]?.['advice'] ?? '', advice);
    t.deepEqual(agent.tokens, []);
    t.false(client.subscriber.connected);
  });
}

const unready: readonly (readonly [title: string, files: (ca: Ca) => Record<string, string>, reason: RegExp])[] = [
  ['no CA yet', () => ({ token: 'a.b.c' }), /HEDDLE_AGENT_CA_FILE .*ca\.crt cannot be read: ENOENT/],
  ['an empty CA file', () => ({ 'ca.crt': '', token: 'a.b.c' }), /HEDDLE_AGENT_CA_FILE .* is empty/],
  ['garbage for a CA', () => ({ 'ca.crt': 'garbage', token: 'a.b.c' }), /holds no CA certificate/],
  [
    'a broken certificate for a CA',
    () => ({ 'ca.crt': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', token: 'a.b.c' }),
    /holds no CA certificate/,
  ],
  ['no token yet', ({ pem }) => ({ 'ca.crt': pem }), /HEDDLE_AGENT_TOKEN_FILE .*token cannot be read: ENOENT/],
  ['a token of two lines', ({ pem }) => ({ 'ca.crt': pem, token: 'a\nb' }), /HEDDLE_AGENT_TOKEN_FILE .*no token/],
];
for (const [title, files, reason] of unready) {
  test(`with ${title} nothing ends, one line says so, and it connects once the files are there`, async (t) => {
    const ca = await makeCa();
    const agent = await startTls(t, await ca.issue());
    const mount = makeMount(t, files(ca));
    const client = startTrusting(t, agent, mount);
    await sleep(2300);
    t.is(lost(client).length, 1);
    t.regex(lost(client)[0]?.['reason'] ?? '', reason);
    t.deepEqual(agent.streams, []);
    mount.write({ 'ca.crt': ca.pem, token: 'a.b.c' });
    await until(() => client.subscriber.connected);
    t.deepEqual(agent.tokens, ['Bearer a.b.c']);
  });
}

test('a broken certificate in a bundle does not spoil the others', async (t) => {
  const ca = await makeCa();
  const agent = await startTls(t, await ca.issue());
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  const client = startTrusting(t, agent, makeMount(t, { 'ca.crt': broken + ca.pem, token: 'a.b.c' }));
  await until(() => client.subscriber.connected);
  t.pass();
});

test('an agent that does not accept the token is asked ever more slowly, with one line in the log', async (t) => {
  const ca = await makeCa();
  const refuse = { code: status.UNAUTHENTICATED, details: 'the token is not bound to a pod' };
  const agent = await startAgent(t, { credentials: credentialsOf(await ca.issue()), refuse });
  const client = startTrusting(t, agent, makeMount(t, { 'ca.crt': ca.pem, token: 'a.b.c' }));
  client.type.want('a');
  await sleep(2000);
  t.true(agent.streams.length < 10, `${agent.streams.length} streams`);
  await until(() => agent.streams.length > 2);
  t.is(lost(client).length, 1);
  t.like(lost(client)[0], { reason: 'the token is not bound to a pod' });
  t.regex(lost(client)[0]?.['advice'] ?? '', /HEDDLE_AGENT_TOKEN_FILE/);
  t.false(client.log.some((line) => line.includes('Agent connected')));
  t.false(client.subscriber.connected);
});

test('one side with TLS and the other without do not come together, and the log says so', async (t) => {
  const ca = await makeCa();
  const plain = await startAgent(t);
  const trusting = startTrusting(t, plain, makeMount(t, { 'ca.crt': ca.pem, token: 'a.b.c' }));
  const secure = await startTls(t, await ca.issue());
  const trustless = startClient(t, secure.address);
  await until(() => lost(trusting).length > 0 && lost(trustless).length > 0);
  t.deepEqual([plain.tokens, secure.tokens], [[], []]);
  t.regex(lost(trusting)[0]?.['advice'] ?? '', /TLS/);
});
