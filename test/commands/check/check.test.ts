import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { checkCluster, checkMesh } from '../../../commands/check/check.ts';
import type { Facts } from '../../../commands/check/facts.ts';
import { renderFindings } from '../../../commands/check/render.ts';
import type { JsonObject } from '../../../runtime/json.ts';
import {
  agentPod,
  agents,
  certificates,
  configMap,
  definition,
  enabled,
  healthy,
  image,
  injectors,
  lease,
  namespace,
  node,
  plain,
  pod,
  refused,
  route,
  service,
  webhookWith,
} from './facts.ts';

const file = path.join(import.meta.dirname, 'findings.txt');
const old = await certificates({ ca: 4000, leaf: 100 });
const late = await certificates({ ca: 3000, leaf: 80 });
const [agentA = {}, agentB = {}, cart = {}] = healthy.pods ?? [];
const hashed = {
  ownerReferences: [{ kind: 'ReplicaSet', name: 'cart-5d8', controller: true }],
  labels: { 'pod-template-hash': '5d8' },
};
const older: JsonObject = JSON.parse(JSON.stringify(agents()).replaceAll(image, 'registry.example.com/heddle:0.0.9'));
const services = Array.from({ length: 501 }, (_, at) =>
  service(`s${at}`, [{ name: 'http', port: 80, protocol: 'TCP' }]),
);

/** Facts that differ from those of a healthy mesh; only what is not good is shown of them. */
const meshes: readonly (readonly [title: string, facts: Partial<Facts>])[] = [
  ['Kubernetes is too old', { kubernetes: { major: '1', minor: '28+', gitVersion: 'v1.28.4' } }],
  ['Kubernetes does not know PreferSameNode', { kubernetes: { major: '1', minor: '33', gitVersion: 'v1.33.1' } }],
  ['there are no definitions of the Gateway API', { definitions: [] }],
  ['there is no definition of GRPCRoutes', { definitions: [definition('httproutes'), definition('referencegrants')] }],
  [
    'the definitions are of a version that was not tried',
    { definitions: ['httproutes', 'grpcroutes', 'referencegrants'].map((kind) => definition(kind, 'v1.2.0')) },
  ],
  [
    'the definitions are of several versions',
    { definitions: [definition('httproutes', 'v1.7.0'), definition('grpcroutes'), definition('referencegrants')] },
  ],
  ['nothing is installed', { agents: undefined, injectors: undefined, webhook: undefined, agentSecret: undefined }],
  ['no injector is ready', { injectors: injectors({ availableReplicas: 0 }) }],
  [
    'an injector cannot be pulled',
    {
      injectors: injectors({ availableReplicas: 1 }),
      pods: [
        agentA,
        agentB,
        cart,
        pod('heddle-injector-x', {
          metadata: { namespace: 'heddle-system', labels: { 'app.kubernetes.io/name': 'heddle-injector' } },
          spec: plain,
          status: {
            containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } } }],
          },
        }),
      ],
    },
  ],
  ['a node has no agent', { agents: agents({ numberAvailable: 1 }), pods: [agentA, cart] }],
  [
    'a node has an agent that is not ready',
    { pods: [agentA, agentPod('heddle-agent-b', 'node-b', { conditions: [] }), cart] },
  ],
  ['a node for Windows has none', { nodes: [node('node-a'), node('node-b'), node('node-w', 'amd64', 'windows')] }],
  ['agents are of another version', { agents: older }],
  ['there is no webhook', { webhook: undefined }],
  ['the webhook has no CA', { webhook: webhookWith('', [0, 1, 2]) }],
  ['a part of the webhook has no CA', { webhook: webhookWith(old.bundle, [2]) }],
  [
    'the CA and the certificate have expired',
    {
      webhook: webhookWith(old.bundle),
      agentSecret: { data: { 'tls.crt': old.leaf } },
      configMaps: [configMap('shop', old.pem)],
    },
  ],
  [
    'the CA and the certificate were not renewed',
    {
      webhook: webhookWith(late.bundle),
      agentSecret: { data: { 'tls.crt': late.leaf } },
      configMaps: [configMap('shop', late.pem)],
    },
  ],
  ['the certificate cannot be read', { agentSecret: { data: { 'tls.crt': '' } } }],
  ["the agents' Secret is missing", { agentSecret: undefined }],
  ['the ConfigMap has another CA', { configMaps: [configMap('shop', old.pem)] }],
  ['the ConfigMap is missing', { configMaps: [] }],
  ['another installation has the webhook', { namespace: 'mesh' }],
  ['no agent holds the Lease', { lease: undefined }],
  ['no agent holds the Lease, and there is no route', { lease: undefined, routes: [] }],
  [
    'no agent holds the Lease, and all routes are under Gateways',
    {
      lease: undefined,
      routes: [route('edge', { parentRef: { kind: 'Gateway', name: 'edge' }, conditions: undefined })],
    },
  ],
  ['the Lease was not renewed', { lease: lease('2026-11-28T07:00:00.000000Z') }],
  ['no namespace has injection', { namespaces: [namespace('shop')] }],
  [
    'a namespace says something else',
    { namespaces: [namespace('shop', enabled), namespace('bank', { 'heddle.dev/inject': 'yes' })] },
  ],
  [
    'a namespace enforces a Pod Security level',
    { namespaces: [namespace('shop', { ...enabled, 'pod-security.kubernetes.io/enforce': 'baseline' })] },
  ],
  [
    'pods have no sidecar',
    {
      pods: [
        agentA,
        agentB,
        pod('cart-5d8-a', { metadata: hashed, spec: plain }),
        pod('cart-5d8-b', { metadata: hashed, spec: plain }),
        pod('alone', { spec: plain }),
        pod('asked', { metadata: { namespace: 'bank', labels: enabled }, spec: plain }),
        pod('opted-out', { metadata: { labels: { 'heddle.dev/inject': 'disabled' } }, spec: plain }),
        pod('done', { spec: plain, status: { phase: 'Succeeded' } }),
        pod('elsewhere', { metadata: { namespace: 'bank' }, spec: plain }),
      ],
    },
  ],
  [
    'pods cannot have a sidecar',
    {
      pods: [
        agentA,
        agentB,
        pod('host', { spec: { ...plain, hostNetwork: true } }),
        pod('static', { metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } }, spec: plain }),
        pod('windows', { spec: { ...plain, os: { name: 'windows' } } }),
      ],
    },
  ],
  [
    'pods have an old sidecar',
    {
      pods: [
        agentA,
        agentB,
        pod('db-0', {
          metadata: { ownerReferences: [{ kind: 'StatefulSet', name: 'db', controller: true }] },
          spec: { initContainers: [{ name: 'heddle-sidecar', image: 'registry.example.com/heddle:0.0.9' }] },
        }),
      ],
    },
  ],
  ['pods have variables for very many Services', { services }],
  [
    'pods without those variables',
    { services, pods: [agentA, agentB, pod('cart-1', { spec: { enableServiceLinks: false } })] },
  ],
  [
    'what is being deleted is not told',
    {
      namespaces: [
        namespace('shop', enabled),
        {
          metadata: { name: 'gone', labels: { 'heddle.dev/inject': 'yes' }, deletionTimestamp: '2026-11-28T07:59:00Z' },
        },
      ],
      pods: [
        agentA,
        agentB,
        pod('going', { metadata: { deletionTimestamp: '2026-11-28T07:59:00Z' }, spec: plain }),
        pod('there', { metadata: { namespace: 'gone', labels: enabled }, spec: plain }),
      ],
      routes: [
        { ...route('wrong', { conditions: refused }), metadata: { namespace: 'gone', name: 'wrong', generation: 1 } },
      ],
    },
  ],
  ['a route is refused', { routes: [route('cart'), route('wrong', { conditions: refused })] }],
  ['a route was never answered', { routes: [route('silent', { conditions: undefined })] }],
  [
    "a route's status is of an earlier version",
    { routes: [{ ...route('cart'), metadata: { namespace: 'shop', name: 'cart', generation: 2 } }] },
  ],
  [
    'a route has forgotten the group',
    { routes: [route('edge', { parentRef: { kind: 'Service', name: 'cart' }, conditions: undefined })] },
  ],
  [
    'a route has a Service of another group, which is not ours to answer',
    {
      routes: [
        route('edge', {
          parentRef: { group: 'serving.knative.dev', kind: 'Service', name: 'cart' },
          conditions: undefined,
        }),
      ],
    },
  ],
  [
    'ports do not say their protocol',
    {
      services: [
        service('cart', [
          { name: 'http', port: 80, protocol: 'TCP' },
          { name: 'admin', port: 8080, protocol: 'TCP' },
          { name: 'db', port: 5432, protocol: 'TCP' },
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'odd', port: 9000, protocol: 'TCP', appProtocol: 'example.com/odd' },
        ]),
        service('opaque', [{ port: 7000, protocol: 'TCP' }], { annotations: { 'heddle.dev/opaque-ports': '7000' } }),
        service('elsewhere', [{ port: 7000, protocol: 'TCP' }], { namespace: 'bank' }),
      ],
    },
  ],
  [
    'the user may read only a part',
    {
      agentSecret: undefined,
      lease: undefined,
      nodes: undefined,
      configMaps: undefined,
      refused: [
        'ConfigMaps of all namespaces',
        'Lease heddle-system/heddle-agent',
        'Secret heddle-system/heddle-agent-tls',
        'nodes',
      ],
    },
  ],
  [
    'the user may read next to nothing',
    {
      definitions: undefined,
      agents: undefined,
      injectors: undefined,
      webhook: undefined,
      agentSecret: undefined,
      lease: undefined,
      nodes: undefined,
      namespaces: undefined,
      pods: undefined,
      services: undefined,
      configMaps: undefined,
      routes: undefined,
      refused: ['all of it'],
    },
  ],
];

const nothing = { agents: undefined, injectors: undefined, webhook: undefined };
const clusters: readonly (readonly [title: string, facts: Partial<Facts>])[] = [
  ['nodes are for other processors', { ...nothing, nodes: [node('node-a', 's390x'), node('node-b')] }],
  ['no node will do', { ...nothing, nodes: [node('node-a', 's390x')] }],
  ['the user may not install', { ...nothing, rights: [{ what: 'create clusterroles', isAllowed: false }] }],
  ['it is installed already', {}],
];

function notGood(findings: ReturnType<typeof checkMesh>): readonly string[] {
  return renderFindings(findings.filter(({ level }) => level !== 'good'));
}

function tell(title: string, lines: readonly string[]): string {
  return [`# ${title}`, ...lines, ''].join('\n');
}

test('what is found, and what mends it', async (t) => {
  const told = [
    tell('all is good', renderFindings(checkMesh(healthy))),
    ...meshes.map(([title, facts]) => tell(title, notGood(checkMesh({ ...healthy, ...facts })))),
    tell('before: all is good', renderFindings(checkCluster({ ...healthy, ...nothing }))),
    ...clusters.map(([title, facts]) => tell(`before: ${title}`, notGood(checkCluster({ ...healthy, ...facts })))),
  ].join('\n');
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, told);
  t.deepEqual(told.split('\n'), readFileSync(file, 'utf8').split('\n'));
});

test('every finding that is not good says why and what to do', (t) => {
  for (const [title, facts] of meshes)
    for (const { level, why = '', mend = [] } of checkMesh({ ...healthy, ...facts }))
      if (level !== 'good') t.true(why.length > 10 && mend.length > 0, title);
});
