import test from 'ava';
import * as fc from 'fast-check';
import type { PlacedEndpoint, ServiceEndpoints } from '../../../agent/translate/result.ts';
import { type Place, usableFrom } from '../../../agent/translate/usable.ts';

const name = 'shop/cart:80';
const at = (address: string, more: Partial<PlacedEndpoint> = {}): PlacedEndpoint => ({
  address,
  port: 80,
  ready: true,
  serving: true,
  terminating: false,
  ...more,
});
const going = { ready: false, serving: true, terminating: true } as const;
const unready = { ready: false, serving: false } as const;

const [a, b] = ['10.0.0.1', '10.0.0.2'];
const onNodes = [at(a, { node: 'n1', zone: 'z1' }), at(b, { node: 'n2', zone: 'z2' })];
const zoned = [at(a, { zoneHints: ['z1'] }), at(b, { zoneHints: ['z2'] })];
const noded = [at(a, { nodeHints: ['n1'], zoneHints: ['z1'] }), at(b, { nodeHints: ['n2'], zoneHints: ['z1'] })];

const cases: readonly (readonly [
  sentence: string,
  service: Omit<ServiceEndpoints, 'name'>,
  place: Place,
  used: readonly string[],
])[] = [
  ['Without a policy all ready ones are used', { endpoints: onNodes }, { node: 'n1', zone: 'z1' }, [a, b]],
  ['Local: those on the own node', { endpoints: onNodes, isLocal: true }, { node: 'n2' }, [b]],
  ['Local: none on another node', { endpoints: onNodes, isLocal: true }, { node: 'n3' }, []],
  ['Local: all where nobody knows the node', { endpoints: onNodes, isLocal: true }, {}, [a, b]],
  [
    'Local: one that still serves, though another node has a ready one',
    { endpoints: [at(a, { node: 'n1', ...going }), at(b, { node: 'n2' })], isLocal: true },
    { node: 'n1' },
    [a],
  ],
  ['Local: hints do not count', { endpoints: noded, isLocal: true }, { node: 'n3', zone: 'z1' }, []],
  ['Hints of zones: those for the own zone', { endpoints: zoned }, { zone: 'z2' }, [b]],
  ['Hints of zones: all for a zone without any', { endpoints: zoned }, { zone: 'z3' }, [a, b]],
  ['Hints of zones: all where nobody knows the zone', { endpoints: zoned }, { node: 'n1' }, [a, b]],
  ['Hints that one lacks do not count', { endpoints: [...zoned, at('10.0.0.3')] }, { zone: 'z1' }, [a, b, '10.0.0.3']],
  [
    'Hints that one lacks which is not ready count',
    { endpoints: [...zoned, at('10.0.0.3', unready)] },
    { zone: 'z1' },
    [a],
  ],
  ['Hints of nodes go before those of zones', { endpoints: noded }, { node: 'n2', zone: 'z1' }, [b]],
  ['Hints of nodes: else those of the zone', { endpoints: noded }, { node: 'n3', zone: 'z1' }, [a, b]],
  [
    'Hints count for each address family',
    { endpoints: [at(a, { zoneHints: ['z1'] }), at(b, { zoneHints: ['z2'] }), at('fd00::1')] },
    { zone: 'z1' },
    [a, 'fd00::1'],
  ],
  [
    'Where none is ready nearby that serves, but one elsewhere, that one is used',
    { endpoints: [at(a, { zoneHints: ['z1'], ...going }), at(b, { zoneHints: ['z2'] })] },
    { zone: 'z1' },
    [b],
  ],
  ['Where none is ready, those that still serve', { endpoints: [at(a, going), at(b, unready)] }, {}, [a]],
  ['Where none can be used, those that are not ready are told of', { endpoints: [at(a, unready)] }, {}, [a]],
];

for (const [sentence, service, place, used] of cases) {
  test(sentence, (t) => {
    t.deepEqual(
      usableFrom({ name, ...service }, place).endpoints.map(({ address }) => address),
      used,
    );
  });
}

test('Where endpoints run is told to nobody, and why there are none is', (t) => {
  const local = { name, endpoints: onNodes, isLocal: true, sessionAffinityMs: 1000 } as const;
  t.deepEqual(usableFrom(local, { node: 'n1' }), { name, endpoints: [at(a)], sessionAffinityMs: 1000 });
  t.regex(
    usableFrom(local, { node: 'n3' }).whyNone ?? '',
    /^internalTrafficPolicy is Local, and none of the endpoints of shop\/cart:80 is/,
  );
});

const maybe = (value: string): fc.Arbitrary<string | undefined> =>
  fc.option(fc.constantFrom(value, 'x'), { nil: undefined });
const endpoint = fc
  .record({
    state: fc.constantFrom({}, {}, {}, going, unready),
    node: maybe('n1'),
    zoneHint: maybe('z1'),
    nodeHint: maybe('n1'),
  })
  .map(({ state, node, zoneHint, nodeHint }) =>
    Object.assign(
      at(a),
      state,
      node !== undefined && { node },
      zoneHint !== undefined && { zoneHints: [zoneHint] },
      nodeHint !== undefined && { nodeHints: [nodeHint] },
    ),
  );

test('What may be used is what kube-proxy has in its categories of endpoints', (t) => {
  const place = { node: 'n1', zone: 'z1' };
  fc.assert(
    fc.property(fc.array(endpoint, { maxLength: 4 }), fc.boolean(), (list, isLocal) => {
      const endpoints = list.map((one, index) => ({ ...one, address: `10.0.0.${index}` }));
      const used = usableFrom({ name, endpoints, ...(isLocal && { isLocal }) }, place).endpoints;
      const usable = used.filter(({ ready, serving, terminating }) => ready || (serving && terminating));
      t.deepEqual(
        usable.map(({ address }) => address),
        kubeProxy(endpoints, isLocal).map(({ address }) => address),
      );
    }),
    { seed: 20_261_127, numRuns: 500 },
  );
});

/** After CategorizeEndpoints in pkg/proxy/topology.go, for a client on node n1 in zone z1. */
function kubeProxy(endpoints: readonly PlacedEndpoint[], isLocal: boolean): readonly PlacedEndpoint[] {
  const isUsed = (one: PlacedEndpoint): boolean => {
    if (isLocal) return one.node === 'n1';
    const mode = topologyMode(endpoints.filter(({ ready }) => ready));
    if (mode === 'node') return one.nodeHints?.includes('n1') === true;
    return mode === '' || one.zoneHints?.includes('z1') === true;
  };
  const ready = endpoints.filter((one) => one.ready && isUsed(one));
  if (ready.length > 0) return ready;
  return endpoints.filter((one) => one.serving && one.terminating && (!isLocal || one.node === 'n1'));
}

function topologyMode(ready: readonly PlacedEndpoint[]): 'node' | 'zone' | '' {
  const every = (hints: 'nodeHints' | 'zoneHints', here: string): boolean =>
    ready.every((one) => one[hints] !== undefined) && ready.some((one) => one[hints]?.includes(here));
  return every('nodeHints', 'n1') ? 'node' : every('zoneHints', 'z1') ? 'zone' : '';
}
