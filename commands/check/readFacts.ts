import { gatewayGroup } from '../../agent/objects/types.ts';
import { agentName, agentSecret, injectorName, trustConfigMap } from '../../contract/objects.ts';
import { type Api, isApiStatus } from '../../kubernetes/api.ts';
import type { Selection } from '../../kubernetes/listObjects.ts';
import { fieldsOf, type JsonObject } from '../../runtime/json.ts';
import manifest from '../../package.json' with { type: 'json' };
import { listRaw } from '../cluster/listRaw.ts';
import { readObject } from '../cluster/readObject.ts';
import { cannotAsk } from '../cluster/useCluster.ts';
import { webhookPath, workloadPaths } from '../install/apiPath.ts';
import { kinds } from './cluster.ts';
import type { Facts, Listed } from './facts.ts';

type Asked = { readonly namespace: string; readonly isBefore: boolean };

/** Reads all that a check goes by; what the user may not read is named. Throws CannotLook where no API server answers. */
export async function readFacts(api: Api, { namespace, isBefore }: Asked): Promise<Facts> {
  const refused: string[] = [];
  const reader = readerOf(api, refused);
  const { unless, one, list } = reader;
  const kubernetes = fieldsOf(await unless('the version of Kubernetes', api.request({ path: '/version' })));
  const paths = workloadPaths(namespace);
  const [definitions, agents, injectors, webhook, nodes, namespaces, rights, inside] = await Promise.all([
    Promise.all(kinds.map((kind) => one(`the definition of ${kind}`, definitionPath(kind)))),
    one(`DaemonSet ${namespace}/${agentName}`, paths.agents),
    one(`Deployment ${namespace}/${injectorName}`, paths.injectors),
    one('webhook configurations', webhookPath),
    list('nodes', '/api/v1/nodes'),
    list('namespaces', '/api/v1/namespaces'),
    isBefore ? readRights(api, namespace) : [],
    isBefore ? nothing : readInside(reader, namespace),
  ]);
  const isSeen = !refused.some((what) => what.startsWith('the definition'));
  return {
    namespace,
    version: manifest.version,
    nowMs: Date.now(),
    kubernetes,
    definitions: isSeen ? definitions.filter((found) => found !== undefined) : undefined,
    agents,
    injectors,
    webhook,
    nodes,
    namespaces,
    ...inside,
    refused: refused.toSorted(),
    rights,
  };
}

type Reader = {
  /** Undefined, and told, where the user may not read it. */
  readonly unless: <T>(what: string, reading: Promise<T>) => Promise<T | undefined>;
  readonly one: (what: string, path: string) => Promise<JsonObject | undefined>;
  readonly list: (what: string, path: string, selection?: Selection) => Promise<Listed>;
};

/** Reads what there is; what the user may not read is added to `refused`, for people. */
function readerOf(api: Api, refused: string[]): Reader {
  const unless = async <T>(what: string, reading: Promise<T>): Promise<T | undefined> => {
    try {
      return await reading;
    } catch (error) {
      if (!isApiStatus(error, 403)) throw cannotAsk(error, 'read it');
      refused.push(what);
      return undefined;
    }
  };
  return {
    unless,
    one: (what, path) => unless(what, readObject(api, path)),
    list: (what, path, selection) => unless(what, listRaw(api, path, selection)),
  };
}

function definitionPath(kind: string): string {
  return `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${kind}.${gatewayGroup}`;
}

/** What is read of a mesh only: much of it may be there that a check before an installation does not go by. */
type Inside = Pick<Facts, 'agentSecret' | 'lease' | 'pods' | 'services' | 'configMaps' | 'routes'>;

const nothing: Inside = {
  agentSecret: undefined,
  lease: undefined,
  pods: undefined,
  services: undefined,
  configMaps: undefined,
  routes: undefined,
};

async function readInside({ one, list }: Reader, namespace: string): Promise<Inside> {
  const own = `namespaces/${namespace}`;
  const routesOf = async (kind: string, resource: string): Promise<Listed> => {
    const found = await list(`${kind}s`, `/apis/${gatewayGroup}/v1/${resource}`);
    return found?.map((object) => Object.assign({ kind }, object));
  };
  const [secret, lease, pods, services, configMaps, http, grpc] = await Promise.all([
    one(`Secret ${namespace}/${agentSecret}`, `/api/v1/${own}/secrets/${agentSecret}`),
    one(`Lease ${namespace}/${agentName}`, `/apis/coordination.k8s.io/v1/${own}/leases/${agentName}`),
    list('pods of all namespaces', '/api/v1/pods'),
    list('Services of all namespaces', '/api/v1/services'),
    list('ConfigMaps of all namespaces', '/api/v1/configmaps', { fieldSelector: `metadata.name=${trustConfigMap}` }),
    routesOf('HTTPRoute', 'httproutes'),
    routesOf('GRPCRoute', 'grpcroutes'),
  ]);
  const routes = http === undefined && grpc === undefined ? undefined : [...(http ?? []), ...(grpc ?? [])];
  return { agentSecret: secret, lease, pods, services, configMaps, routes };
}

/** What an installation writes; `escalate` and `bind` are what only a cluster-admin has. */
const needed: readonly (readonly [verb: string, group: string, resource: string])[] = [
  ['create', '', 'namespaces'],
  ['create', 'rbac.authorization.k8s.io', 'clusterroles'],
  ['bind', 'rbac.authorization.k8s.io', 'clusterroles'],
  ['create', 'admissionregistration.k8s.io', 'mutatingwebhookconfigurations'],
  ['create', 'scheduling.k8s.io', 'priorityclasses'],
  ['create', 'apps', 'daemonsets'],
  ['create', 'apps', 'deployments'],
];

function readRights(api: Api, namespace: string): Promise<Facts['rights']> {
  return Promise.all(
    needed.map(async ([verb, group, resource]) => {
      const resourceAttributes = { verb, group, resource, ...(group === 'apps' && { namespace }) };
      const review = await api.request({
        method: 'POST',
        path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
        body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } },
      });
      return { what: `${verb} ${resource}`, isAllowed: fieldsOf(fieldsOf(review)['status'])['allowed'] === true };
    }),
  );
}
