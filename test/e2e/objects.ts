/** Kubernetes objects for the tests, as the agent reads them; JSON is YAML. */
export type Service = {
  readonly name: string;
  readonly namespace?: string;
  /** The last part of both its ClusterIPs: 10.96.0.n and fd00:96::n. */
  readonly ip: number;
  readonly port?: number;
  readonly portName?: string;
  readonly appProtocol?: string;
  readonly protocol?: 'UDP';
  readonly targetPort?: number;
  /** The pods behind it. */
  readonly pods: readonly string[];
  /** Those of them that terminate: they serve still, and nobody new is to be sent there. */
  readonly terminating?: readonly string[];
  /** Those that are not ready, and do not serve. */
  readonly unready?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** More of its spec. */
  readonly spec?: Readonly<Record<string, unknown>>;
};

export type TestPod = {
  readonly name: string;
  readonly namespace: string;
  readonly addresses: readonly [string, string];
  /** As it is called in Kubernetes; its zone is `zone-of-<node>`. */
  readonly node?: string | undefined;
};

/** A Service in one namespace, one port, both families, with its EndpointSlices. */
export function serviceObjects(service: Service, pods: ReadonlyMap<string, TestPod>): unknown[] {
  const { name, namespace = 'shop', portName = 'main', appProtocol, protocol, port = 80, targetPort = 8080 } = service;
  const labels = { 'kubernetes.io/service-name': name };
  const slices = (['IPv4', 'IPv6'] as const).map((addressType, family) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-${addressType.toLowerCase()}`, namespace, labels },
    addressType,
    ports: [{ name: portName, port: targetPort }],
    endpoints: service.pods.map((podName) => {
      const pod = pods.get(podName);
      const place = pod?.node === undefined ? {} : { nodeName: pod.node, zone: `zone-of-${pod.node}` };
      const ends = service.terminating?.includes(podName) === true;
      const out = service.unready?.includes(podName) === true;
      const conditions = ends || out ? { conditions: { ready: false, serving: ends, terminating: ends } } : {};
      return {
        addresses: [pod?.addresses[family]],
        targetRef: { kind: 'Pod', name: podName },
        ...place,
        ...conditions,
      };
    }),
  }));
  const spec = {
    ...service.spec,
    clusterIP: clusterIPs(service)[0],
    clusterIPs: clusterIPs(service),
    ports: [{ name: portName, port, ...(protocol && { protocol }), ...(appProtocol && { appProtocol }) }],
  };
  const metadata = { name, namespace, ...(service.annotations && { annotations: service.annotations }) };
  return [{ apiVersion: 'v1', kind: 'Service', metadata, spec }, ...slices];
}

/** IPv4 first, then IPv6. */
export function clusterIPs({ ip }: Service): [string, string] {
  return [`10.96.0.${ip}`, `fd00:96::${ip}`];
}

/** A Pod, by whose addresses the agent knows the namespace of a sidecar. */
export function podObject({ name, namespace, addresses, node }: TestPod): unknown {
  const podIPs = addresses.map((ip) => ({ ip }));
  const spec = node === undefined ? {} : { nodeName: node };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec, status: { podIPs } };
}

/** A route, an HTTPRoute if not told otherwise, on a Service of its own namespace, or of `parentNamespace`. */
export function routeObject(options: {
  readonly kind?: 'GRPCRoute';
  readonly name?: string;
  readonly namespace?: string;
  readonly parent: string;
  readonly parentNamespace?: string;
  readonly rules: readonly unknown[];
}): unknown {
  const { kind = 'HTTPRoute', parent, parentNamespace, namespace = 'shop', name = parent, rules } = options;
  const namespaceOfParent = parentNamespace === undefined ? {} : { namespace: parentNamespace };
  const parentRefs = [{ group: '', kind: 'Service', name: parent, ...namespaceOfParent }];
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind,
    metadata: { name, namespace },
    spec: { parentRefs, rules },
  };
}
