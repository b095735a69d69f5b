/** The namespace of the mesh's own objects, where the settings name no other. */
export const systemNamespace = 'heddle-system';

/** The agents' DaemonSet, its Service and the Lease of the one that writes statuses. */
export const agentName = 'heddle-agent';

/** The injector's Deployment, its Service and its webhook configuration. */
export const injectorName = 'heddle-injector';

/** The Secret with the mesh's CAs, which all replicas of the injector follow. */
export const caSecret = 'heddle-ca';

/** The Secret with the agents' certificate: the injector writes it, the agents mount it. */
export const agentSecret = 'heddle-agent-tls';

/** The ConfigMap with the bundle of trusted CAs, in every namespace with injected pods. */
export const trustConfigMap = 'heddle-ca';

/** The name under which this mesh answers in status.parents and in XMesh objects. */
export const controllerName = 'heddle.dev/mesh-controller';
