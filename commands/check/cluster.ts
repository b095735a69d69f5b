import { gatewayGroup } from '../../agent/objects/types.ts';
import { fieldsOf, type JsonObject, textOf } from '../../runtime/json.ts';
import { some } from '../output/words.ts';
import type { Facts } from './facts.ts';
import { type Finding, good } from './finding.ts';

/** The first Kubernetes with native sidecars, and the first that knows PreferSameNode without a gate. */
const [oldest, preferSameNode] = [29, 34];

/** Whether Kubernetes can run the mesh. */
export function checkKubernetes({ kubernetes }: Facts): readonly Finding[] {
  const check = 'Kubernetes';
  const what = textOf(kubernetes, 'gitVersion') ?? 'of an unknown version';
  const minor = Number.parseInt(textOf(kubernetes, 'minor') ?? '', 10);
  if (textOf(kubernetes, 'major') === '1' && minor < oldest)
    return [
      {
        check,
        level: 'bad',
        what,
        why: `sidecars are init containers that go on running, which Kubernetes has from 1.${oldest} on`,
        mend: ['upgrade the cluster'],
      },
    ];
  if (textOf(kubernetes, 'major') === '1' && minor < preferSameNode)
    return [
      {
        check,
        level: 'warning',
        what,
        why: `the agents' Service says trafficDistribution: PreferSameNode, which Kubernetes knows from 1.${preferSameNode} on and may refuse before`,
        mend: ["take that line out of the Service heddle-agent; sidecars then ask any node's agent"],
      },
    ];
  return [good(check, what)];
}

/** The kinds of the Gateway API that the mesh reads. */
export const kinds = ['httproutes', 'grpcroutes', 'referencegrants'];
const tried = /^v1\.[67]\./;
const installDefinitions =
  'kubectl apply --server-side -f https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.7.0/standard-install.yaml';

/** Whether the definitions of the Gateway API are there, of a version that was tried. */
export function checkGatewayApi({ definitions }: Facts): readonly Finding[] {
  const check = 'Gateway API';
  if (definitions === undefined) return [];
  const byName = new Map(definitions.map((one) => [textOf(fieldsOf(one['metadata']), 'name'), one]));
  const missing = kinds.filter((kind) => !byName.has(`${kind}.${gatewayGroup}`));
  if (missing.length > 0)
    return [
      {
        check,
        level: missing.includes('httproutes') ? 'bad' : 'warning',
        what: `no definition of ${missing.join(', ')}`,
        why: 'without it there can be no such object; all else works, and agents take the kind up when it comes',
        mend: [installDefinitions],
      },
    ];
  const told = kinds.map((kind) => annotationsOf(byName.get(`${kind}.${gatewayGroup}`)));
  const versions = [...new Set(told.map((one) => textOf(one, `${gatewayGroup}/bundle-version`) ?? 'unknown'))];
  const channels = [...new Set(told.map((one) => textOf(one, `${gatewayGroup}/channel`) ?? 'unknown'))];
  const what = `${some(versions)}, ${some(channels)} channel`;
  if (versions.length > 1)
    return [
      {
        check,
        level: 'warning',
        what,
        why: 'the definitions are of several versions, so somebody has applied only a part of one',
        mend: [installDefinitions],
      },
    ];
  if (!tried.test(versions[0] ?? ''))
    return [
      {
        check,
        level: 'warning',
        what,
        why: 'Heddle was tried with v1.6 and v1.7; fields of others may be missing or unknown',
        mend: [installDefinitions],
      },
    ];
  return [good(check, what)];
}

function annotationsOf(definition: JsonObject | undefined): JsonObject {
  return fieldsOf(fieldsOf(definition?.['metadata'])['annotations']);
}

const platforms: ReadonlySet<string | undefined> = new Set(['amd64', 'arm64']);

/** Whether there are nodes for agents and sidecars. */
export function checkPlatforms({ nodes }: Facts): readonly Finding[] {
  if (nodes === undefined) return [];
  const infos = nodes.map((node) => fieldsOf(fieldsOf(node['status'])['nodeInfo']));
  const fit = infos.filter(
    (info) => info['operatingSystem'] === 'linux' && platforms.has(textOf(info, 'architecture')),
  );
  const what = `${fit.length} of ${nodes.length} with Linux on amd64 or arm64`;
  if (fit.length === nodes.length && fit.length > 0) return [good('nodes', what)];
  return [
    {
      check: 'nodes',
      level: fit.length === 0 ? 'bad' : 'warning',
      what,
      why: 'the image is for these; pods on other nodes cannot be part of the mesh',
      mend: ['keep the pods of the mesh on nodes with Linux on amd64 or arm64'],
    },
  ];
}
