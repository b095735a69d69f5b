type Reference = { readonly group: string; readonly kind: string };

/**
 * Whether a reference means the core group of Kubernetes. Its name is empty; `core` is what the Gateway API's own page on
 * meshes writes (https://gateway-api.sigs.k8s.io/mesh/), and no group of that name can exist: one made by a CRD has a dot.
 */
export function isCoreGroup({ group }: { readonly group: string }): boolean {
  return group === '' || group === 'core';
}

/** Whether a parentRef, a backendRef or the target of a ReferenceGrant means a Service. */
export function isService(reference: Reference): boolean {
  return isCoreGroup(reference) && reference.kind === 'Service';
}
