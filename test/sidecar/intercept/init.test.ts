import type { NetworkNamespace } from '../../../lab/namespace.ts';
import type { Pod } from '../../../lab/node.ts';
import type { LabProcess } from '../../../lab/process.ts';
import { heddleCommand, identityEnvironment } from '../../../lab/programs.ts';
import type { SidecarIdentity } from '../../../lab/requirements.ts';
import { labTest } from '../../e2e/labTest.ts';

const init = heddleCommand('sidecar/intercept/init.ts');

// Each of these runs in a namespace of its own, so that no mistake here can redirect this machine's connections.

labTest('every wrong setting is named, and nothing is done', async (t, { node }) => {
  const { code, stderr, stdout } = await node.run({
    command: [...init, '--bogus'],
    env: { HEDDLE_SIDECAR_UID: 'root', HEDDLE_SKIP_INBOUND_PORTS: '80,99999', HEDDLE_SKIP_SUBNETS: '10.0.0.0/33' },
  });
  t.is(code, 1);
  t.is(stdout, '');
  for (const named of [
    'HEDDLE_SIDECAR_UID="root"',
    '"99999" is not a port',
    '"10.0.0.0/33" is not a subnet',
    '--bogus',
  ]) {
    t.true(stderr.includes(named), named);
  }
});

labTest('a missing iptables is named with the command that installs it', async (t, { node }) => {
  const hide = 'for folder in /usr/sbin /sbin; do mount -t tmpfs none $folder; done; exec "$@"';
  const { code, stdout } = await node.run({
    command: ['unshare', '--mount', 'sh', '-c', hide, 'sh', ...init],
    env: { PATH: '/usr/bin:/bin' },
  });
  t.is(code, 1);
  t.true(stdout.includes('apt-get install iptables'), stdout);
});

labTest('a missing permission is named', async (t, { node }) => {
  const { code, stdout } = await node.run({ command: ['setpriv', '--bounding-set', '-all', ...init] });
  t.is(code, 1);
  t.true(stdout.includes('NET_ADMIN and NET_RAW'), stdout);
});

labTest('applying twice leaves the same rules, removing leaves none', async (t, { node, ground }) => {
  const env = identityEnvironment(ground.sidecar);
  const pod = await node.addPod('pod', ['10.244.1.2', 'fd00:244:1::2']);
  const before = await rules(pod);
  t.is((await pod.run({ command: init, env })).code, 0);
  const once = await rules(pod);
  t.is(once.filter((rule) => rule.endsWith('-j HEDDLE_INBOUND')).length, 4, 'a jump and the own-pod rule, twice');
  t.is((await pod.run({ command: init, env })).code, 0);
  t.deepEqual(await rules(pod), once);
  t.is((await pod.run({ command: [...init, '--remove'] })).code, 0);
  t.deepEqual(await rules(pod), before);
  t.is((await pod.run({ command: [...init, '--remove'] })).code, 0);
});

labTest('other settings replace the earlier ones', async (t, { node, ground }) => {
  const env = identityEnvironment(ground.sidecar);
  const pod = await node.addPod('pod', ['10.244.1.2', 'fd00:244:1::2']);
  await pod.run({ command: init, env: { ...env, HEDDLE_SKIP_INBOUND_PORTS: '9999' } });
  await pod.run({ command: init, env: { ...env, HEDDLE_SKIP_INBOUND_PORTS: '8888' } });
  const text = (await rules(pod)).join('\n');
  t.true(text.includes('8888'));
  t.false(text.includes('9999'));
});

labTest('rules of others in the nat table stay', async (t, { node, ground }) => {
  const env = identityEnvironment(ground.sidecar);
  const pod = await node.addPod('pod', ['10.244.1.2', 'fd00:244:1::2']);
  const foreign = '*nat\n:OTHER - [0:0]\n-A OUTPUT -p tcp --dport 1 -j OTHER\nCOMMIT\n';
  t.is((await pod.run({ command: ['iptables-restore', '--noflush'], input: foreign })).code, 0);
  await pod.run({ command: init, env });
  await pod.run({ command: [...init, '--remove'] });
  t.true((await rules(pod)).some((rule) => rule.startsWith('-A OUTPUT') && rule.endsWith('-j OTHER')));
});

labTest('a pod without IPv6 is redirected in IPv4, with one line that says so', async (t, { node, ground }) => {
  const env = identityEnvironment(ground.sidecar);
  const pod = await node.addPod('pod', ['10.244.1.2']);
  await pod.run({ command: ['sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6'] });
  const { code, stdout } = await pod.run({ command: init, env });
  t.is(code, 0);
  t.is(stdout.split('\n').filter((line) => line.includes('IPv6 is disabled in this pod')).length, 1);
  t.true((await rules(pod)).some((rule) => rule.includes('--to-ports 15001')));
});

labTest(
  'connections that are open stay open when rules are applied, and applied again',
  async (t, { node, ground }) => {
    const client = await node.addPod('client', ['10.244.1.2', 'fd00:244:1::2']);
    const server = await node.addPod('server', ['10.244.1.3', 'fd00:244:1::3']);
    const echo = server.start({ command: heddleCommand('test/e2e/programs/echo.ts', '8080') });
    await echo.waitForLine((line) => line === 'listening', 60_000);
    const talk = (address: string): LabProcess =>
      client.start({ command: heddleCommand('test/e2e/programs/chatter.ts', address, '8080') });
    const early = [talk('10.244.1.3'), talk('fd00:244:1::3')];
    await Promise.all(early.map((chatter) => chatter.waitForLine((line) => line === '5', 60_000)));

    const forwarders = [client, server].map((pod) => startForwarder(pod, ground.sidecar));
    await Promise.all(
      forwarders.map((forwarder) => forwarder.waitForLine((line) => line.endsWith('inbound 6'), 60_000)),
    );
    const env = identityEnvironment(ground.sidecar);
    for (const pod of [client, server]) t.is((await pod.run({ command: init, env })).code, 0);
    const late = [talk('10.244.1.3'), talk('fd00:244:1::3')];
    await Promise.all(late.map((chatter) => chatter.waitForLine((line) => line === '5', 60_000)));
    for (const pod of [client, server]) t.is((await pod.run({ command: init, env })).code, 0);

    for (const chatter of [...early, ...late]) {
      const goal = `${chatter.lines.length + 20}`;
      await t.notThrowsAsync(chatter.waitForLine((line) => line === goal, 60_000));
    }
    const redirected = forwarders.map((forwarder) => forwarder.lines.filter((line) => / 8080 /.test(line)).length);
    t.deepEqual(redirected, [2, 2], 'the early ones never met the forwarders, the late ones did');
  },
);

function startForwarder(pod: Pod, sidecar: SidecarIdentity): LabProcess {
  return pod.start({
    command: heddleCommand('test/sidecar/intercept/forwarder.ts'),
    ...(sidecar.type === 'uid' ? { uid: sidecar.uid } : { env: { HEDDLE_SIDECAR_MARK: `${sidecar.mark}` } }),
  });
}

async function rules(namespace: NetworkNamespace): Promise<string[]> {
  const both = ['iptables-save', 'ip6tables-save'].map((command) => namespace.run({ command: [command, '-t', 'nat'] }));
  return (await Promise.all(both)).flatMap(({ stdout }) => stdout.split('\n').filter((line) => line.startsWith('-A')));
}
