import { fieldsOf } from '../../runtime/json.ts';
import { type DesiredCondition, sameConditions, writeConditions } from './conditions.ts';
import { controllerName } from '../../contract/objects.ts';
import { sameJson } from './sameJson.ts';
import { supportedFeatures } from './supportedFeatures.ts';

/** gateway.networking.x-k8s.io/v1alpha1 XMesh: what this mesh can do, for those who operate the cluster. */
export const meshesPath = '/apis/gateway.networking.x-k8s.io/v1alpha1/xmeshes';
export const meshName = 'heddle';

/** The XMesh that says what this mesh can do. It goes when its owner, the mesh's namespace, goes. */
export function newMesh(owner: { readonly name: string; readonly uid: string } | undefined): unknown {
  return {
    apiVersion: 'gateway.networking.x-k8s.io/v1alpha1',
    kind: 'XMesh',
    metadata: {
      name: meshName,
      ...(owner !== undefined && { ownerReferences: [{ apiVersion: 'v1', kind: 'Namespace', ...owner }] }),
    },
    spec: { controllerName, description: 'What the Heddle service mesh of this cluster supports' },
  };
}

export function isOurMesh(mesh: unknown): boolean {
  return fieldsOf(fieldsOf(mesh)['spec'])['controllerName'] === controllerName;
}

/** The status that an XMesh of ours must get, or undefined when it has it. */
export function diffMeshStatus(mesh: unknown, nowMs: number): object | undefined {
  const { metadata, spec, status } = fieldsOf(mesh);
  const { generation } = fieldsOf(metadata);
  const before = fieldsOf(status);
  const accepted = { ...judge(spec), observedGeneration: typeof generation === 'number' ? generation : 0 };
  const conditions = writeConditions([accepted], before['conditions'], nowMs);
  const features = supportedFeatures.map((name) => ({ name }));
  const isSame = sameConditions(before['conditions'], conditions) && sameJson(before['supportedFeatures'], features);
  return isSame ? undefined : { conditions, supportedFeatures: features };
}

function judge(spec: unknown): Omit<DesiredCondition, 'observedGeneration'> {
  const type = 'Accepted';
  if (fieldsOf(spec)['parametersRef'] !== undefined) {
    const message = 'Heddle takes no parameters from an object; remove parametersRef';
    return { type, status: false, reason: 'InvalidParameters', message };
  }
  return { type, status: true, reason: 'Accepted', message: 'Heddle serves this mesh' };
}
