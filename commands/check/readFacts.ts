import { agentName, agentSecret, injectorName, trustConfigMap } from '../../contract/objects.ts';
import { type Api, isApiStatus } from '../../kubernetes/api.ts';
import type { Selection } from '../../kubernetes/listObjects.ts';
import { fieldsOf, type JsonObject } from '../../runtime/json.ts';
import manifest from '../../package.json' with { type: 'json' };
import { listRaw } from '../cluster/listRaw.ts';
import { readObject } from '../cluster/readObject.ts';
import { cannotAsk } from '../cluster/useCluster.ts';
import { webhookPath, workloadPaths } from '../install/apiPath.ts';
import type { Facts, Listed } from './facts.ts';

type Asked = { readonly namespace: string; readonly isBefore: boolean };

const gateway = 'gateway.networking.k8s.io';

/** Reads all that a check goes by; what the user may not read is named. Throws CannotLook where no API server answers. */
export async function readFacts(api: Api, { namespace, isBefore }: Asked): Promise<Facts> {
  const refused: string[] = [];
  const unless = async <T>(what: string, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (!isApiStatus(error, 403)) throw cannotAsk(error, 'read it');
      refused.push(what);
      return undefined;
    }
  };
  const list = (what: string, path: string, selection?: Selection): Promise<Listed> =>
    unless(what, () => listRaw(api, path, selection));
  const one = (what: string, path: string): Promise<JsonObject | undefined> =>
    unless(what, () => readObject(api, path));
  const definition = (kind: string): Promise<JsonObject | undefined> =>
    one(`the definition of ${kind}`, `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${kind}.${gateway}`);
  const routesOf = async (kind: string, resource: string): Promise<Listed> => {
    const found = await list(`${kind}s`, `/apis/${gateway}/v1/${resource}`);
    return found?.map((object) => Object.assign({ kind }, object));
  };
  const kubernetes = fieldsOf(await unless('the version of Kubernetes', () => api.request({ path: '/version' })));
  const own = `namespaces/${namespace}`;
  const paths = workloadPaths(namespace);
  const [
    definitions,
    agents,
    injectors,
    webhook,
    secret,
    lease,
    nodes,
    namespaces,
    pods,
    services,
    configMaps,
    http,
    grpc,
    rights,
  ] = await Promise.all([
    Promise.all(['httproutes', 'grpcroutes', 'referencegrants'].map(definition)),
    one(`DaemonSet ${namespace}/${agentName}`, paths.agents),
    one(`Deployment ${namespace}/${injectorName}`, paths.injectors),
    one('webhook configurations', webhookPath),
    one(`Secret ${namespace}/${agentSecret}`, `/api/v1/${own}/secrets/${agentSecret}`),
    one(`Lease ${namespace}/${agentName}`, `/apis/coordination.k8s.io/v1/${own}/leases/${agentName}`),
    list('nodes', '/api/v1/nodes'),
    list('namespaces', '/api/v1/namespaces'),
    list('pods of all namespaces', '/api/v1/pods'),
    list('Services of all namespaces', '/api/v1/services'),
    list(`ConfigMaps of all namespaces`, '/api/v1/configmaps', { fieldSelector: `metadata.name=${trustConfigMap}` }),
    routesOf('HTTPRoute', 'httproutes'),
    routesOf('GRPCRoute', 'grpcroutes'),
    isBefore ? readRights(api, namespace) : [],
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
    agentSecret: secret,
    lease,
    nodes,
    namespaces,
    pods,
    services,
    configMaps,
    routes: http === undefined && grpc === undefined ? undefined : [...(http ?? []), ...(grpc ?? [])],
    refused: refused.toSorted(),
    rights,
  };
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
