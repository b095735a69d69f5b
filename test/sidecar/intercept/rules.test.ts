import test from 'ava';
import { type Interception, redirectRules, removalRules } from '../../../sidecar/intercept/rules.ts';

const plain: Interception = {
  outboundPort: 15_001,
  inboundPort: 15_006,
  sidecar: { type: 'uid', uid: 1337 },
  skipInboundPorts: [],
  skipOutboundPorts: [],
  skipSubnets: [],
};

const applied = [
  '-A PREROUTING -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j HEDDLE_INBOUND',
  '-A OUTPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j HEDDLE_OUTBOUND',
];
const saved = ['*nat', ':HEDDLE_INBOUND - [0:0]', ':HEDDLE_OUTBOUND - [0:0]', ...applied, 'COMMIT', ''].join('\n');

function rulesOf(text: string, chain: string): string[] {
  return text.split('\n').filter((line) => line.startsWith(`-A ${chain} `));
}

test('the whole text for IPv4', (t) => {
  t.deepEqual(redirectRules(4, plain, '').split('\n'), [
    '*nat',
    ':HEDDLE_INBOUND - [0:0]',
    ':HEDDLE_OUTBOUND - [0:0]',
    '-A HEDDLE_INBOUND -p tcp --dport 15020 -j RETURN',
    '-A HEDDLE_INBOUND -p tcp --dport 15021 -j RETURN',
    '-A HEDDLE_INBOUND -p tcp -j REDIRECT --to-ports 15006',
    '-A HEDDLE_OUTBOUND -s 127.0.0.6/32 -o lo -j RETURN',
    '-A HEDDLE_OUTBOUND -o lo ! -d 127.0.0.1/32 -m owner --uid-owner 1337 -j HEDDLE_INBOUND',
    '-A HEDDLE_OUTBOUND -m owner --uid-owner 1337 -j RETURN',
    '-A HEDDLE_OUTBOUND -o lo -j RETURN',
    '-A HEDDLE_OUTBOUND -p tcp -j REDIRECT --to-ports 15001',
    '-A PREROUTING -p tcp --tcp-flags FIN,SYN,RST,ACK SYN -j HEDDLE_INBOUND',
    '-A OUTPUT -p tcp --tcp-flags FIN,SYN,RST,ACK SYN -j HEDDLE_OUTBOUND',
    'COMMIT',
    '',
  ]);
});

test('IPv6 has ::1 and ::6 where IPv4 has 127.0.0.1 and 127.0.0.6, and nothing else differs', (t) => {
  const six = redirectRules(6, plain, '').replace('::6/128', '127.0.0.6/32').replace('::1/128', '127.0.0.1/32');
  t.is(six, redirectRules(4, plain, ''));
});

test('a jump that is there already is not added again, the other one is', (t) => {
  t.deepEqual(rulesOf(redirectRules(4, plain, saved), 'PREROUTING'), []);
  t.deepEqual(rulesOf(redirectRules(4, plain, saved), 'OUTPUT'), []);
  t.is(rulesOf(redirectRules(4, plain, applied[0] ?? ''), 'PREROUTING').length, 0);
  t.is(rulesOf(redirectRules(4, plain, applied[0] ?? ''), 'OUTPUT').length, 1);
});

test("a jump to another program's chain is not taken for ours", (t) => {
  const other = '-A PREROUTING -p tcp -j OTHER_HEDDLE_INBOUND\n-A OUTPUT -j HEDDLE_OUTBOUND_OLD\n';
  t.is(rulesOf(redirectRules(4, plain, other), 'PREROUTING').length, 1);
  t.is(rulesOf(redirectRules(4, plain, other), 'OUTPUT').length, 1);
});

test('skipped inbound ports return before the redirect, each once', (t) => {
  const rules = rulesOf(redirectRules(4, { ...plain, skipInboundPorts: [9999, 15_020, 9999] }, ''), 'HEDDLE_INBOUND');
  t.deepEqual(rules, [
    '-A HEDDLE_INBOUND -p tcp --dport 15020 -j RETURN',
    '-A HEDDLE_INBOUND -p tcp --dport 15021 -j RETURN',
    '-A HEDDLE_INBOUND -p tcp --dport 9999 -j RETURN',
    '-A HEDDLE_INBOUND -p tcp -j REDIRECT --to-ports 15006',
  ]);
});

test('skipped subnets go to their own family, before the redirect', (t) => {
  const skipping = { ...plain, skipSubnets: ['10.0.0.0/8', 'fd00::/8'], skipOutboundPorts: [7777] };
  t.deepEqual(rulesOf(redirectRules(4, skipping, ''), 'HEDDLE_OUTBOUND').slice(4), [
    '-A HEDDLE_OUTBOUND -d 10.0.0.0/8 -j RETURN',
    '-A HEDDLE_OUTBOUND -p tcp --dport 7777 -j RETURN',
    '-A HEDDLE_OUTBOUND -p tcp -j REDIRECT --to-ports 15001',
  ]);
  t.true(redirectRules(6, skipping, '').includes('-d fd00::/8 -j RETURN'));
  t.false(redirectRules(6, skipping, '').includes('10.0.0.0'));
});

test('with a mark, its packets return instead of those of a uid, and so do those to the agent', (t) => {
  const text = redirectRules(4, { ...plain, sidecar: { type: 'mark', mark: 42 } }, '');
  t.deepEqual(rulesOf(text, 'HEDDLE_OUTBOUND'), [
    '-A HEDDLE_OUTBOUND -s 127.0.0.6/32 -o lo -j RETURN',
    '-A HEDDLE_OUTBOUND -o lo ! -d 127.0.0.1/32 -m mark --mark 42 -j HEDDLE_INBOUND',
    '-A HEDDLE_OUTBOUND -m mark --mark 42 -j RETURN',
    '-A HEDDLE_OUTBOUND -o lo -j RETURN',
    '-A HEDDLE_OUTBOUND -p tcp --dport 15010 -j RETURN',
    '-A HEDDLE_OUTBOUND -p tcp -j REDIRECT --to-ports 15001',
  ]);
});

test('the ports that the sidecar listens on follow the settings', (t) => {
  const text = redirectRules(4, { ...plain, outboundPort: 4140, inboundPort: 4143 }, '');
  t.true(text.includes('-A HEDDLE_OUTBOUND -p tcp -j REDIRECT --to-ports 4140'));
  t.true(text.includes('-A HEDDLE_INBOUND -p tcp -j REDIRECT --to-ports 4143'));
});

test('removal takes back the jumps as they were saved, then the chains', (t) => {
  t.deepEqual(removalRules(saved)?.split('\n'), [
    '*nat',
    ...applied.map((line) => line.replace('-A', '-D')),
    '-F HEDDLE_INBOUND',
    '-F HEDDLE_OUTBOUND',
    '-X HEDDLE_INBOUND',
    '-X HEDDLE_OUTBOUND',
    'COMMIT',
    '',
  ]);
});

test('removal of nothing is nothing', (t) => {
  t.is(removalRules('*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n'), undefined);
});
