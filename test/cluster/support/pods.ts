import { get } from '../kubectl.ts';

/** What tests read of a pod. */
export type Pod = {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly spec: {
    readonly nodeName: string;
    readonly initContainers?: readonly {
      readonly name: string;
      readonly restartPolicy?: string;
      readonly resources?: object;
    }[];
  };
  readonly status: {
    readonly phase: string;
    readonly podIPs?: readonly { readonly ip: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
};

type ContainerStatus = {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state: { readonly terminated?: { readonly exitCode: number } };
};

export function readPod(namespace: string, name: string): Promise<Pod> {
  return get('-n', namespace, 'pod', name);
}

/** The pods with a label, `app=web`, or all of a namespace; also those that are just ending. */
export async function podsOf(namespace: string, label = ''): Promise<readonly Pod[]> {
  return (await get<{ items: Pod[] }>('-n', namespace, 'pods', '-l', label)).items;
}

/** A pod's addresses, IPv4 first. */
export function addressesOf({ status }: Pod): string[] {
  return (status.podIPs ?? []).map(({ ip }) => ip);
}

/** The init containers of a pod by name, in their order. */
export function initNames({ spec }: Pick<Pod, 'spec'>): string[] {
  return (spec.initContainers ?? []).map(({ name }) => name);
}

/** An address as URLs have it. */
export function inUrl(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
