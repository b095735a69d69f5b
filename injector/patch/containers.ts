import { initName, sidecarName, sidecarUid } from '../../contract/containers.ts';
import { readyPath, readyWaitParameter } from '../../contract/paths.ts';
import { ports } from '../../contract/ports.ts';
import type { RoleName } from '../../contract/roles.ts';
import { caFile, tokenFile, trustFolder, trustVolume } from '../../contract/trustVolume.ts';
import { podVariables } from '../../contract/variables.ts';
import { fieldsOf, type JsonObject, textOf } from '../../runtime/json.ts';
import type { Wishes } from './annotations.ts';
import type { Pod } from './pod.ts';
import type { Resources } from './resources.ts';

/** What every injected pod gets alike: settings of the injector. */
export type Injection = {
  readonly image: string;
  readonly version: string;
  /** Our own namespace, which never gets sidecars. */
  readonly namespace: string;
  /** `host:port` of the agents' Service. */
  readonly agentAddress: string;
  /** The name in the agents' certificate. */
  readonly agentServerName: string;
  readonly resources: Resources;
};

/**
 * Every port is said, though it is the default: what a container says of its environment wins over the variables that
 * the kubelet makes for Services, which the pod may need and we may therefore not turn off.
 */
const redirectedPorts = {
  [podVariables.outboundPort]: String(ports.outbound),
  [podVariables.inboundPort]: String(ports.inbound),
};
const operatorPorts = {
  [podVariables.adminPort]: String(ports.admin),
  [podVariables.metricsPort]: String(ports.metrics),
  [podVariables.readyPort]: String(ports.ready),
};

/** The sidecar says yes after HEDDLE_START_WAIT_MS (5 s) at the latest. */
const startWaitMs = 8000;
/** Between the dispatcher, which listens, and the sidecar, which answers, where many pods start on a small node. */
const loadingSeconds = 12;

/**
 * Sets the redirect rules and ends. The *restricted* Pod Security level accepts all of it but two things that iptables
 * cannot do without: the capabilities NET_ADMIN and NET_RAW, and user 0 (Kubernetes gives capabilities to root only).
 */
export function initContainer(injection: Injection, wishes: Wishes): JsonObject {
  return {
    name: initName,
    image: injection.image,
    imagePullPolicy: 'IfNotPresent',
    args: ['init' satisfies RoleName],
    env: environment({ ...redirectedPorts, ...wishes.init }),
    resources: injection.resources,
    securityContext: {
      runAsUser: 0,
      runAsGroup: 0,
      runAsNonRoot: false,
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'NET_RAW'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
}

/**
 * The native sidecar: it starts before every other init container and ends after the application, so that Jobs end.
 * The startup probe holds back what comes next until the first configuration is there, or HEDDLE_START_WAIT_MS (5 s)
 * have passed without an agent; 60 attempts outlast that by far. Each that fails is a Warning Event: so the first comes a
 * second after the start, when the dispatcher has long been listening, and waits for its answer. There is no readiness probe: once ready it stays so, and a
 * container that starts anew counts as not ready until its startup probe succeeds.
 */
export function sidecarContainer(options: {
  readonly injection: Injection;
  readonly wishes: Wishes;
  readonly pod: Pod;
  readonly probePorts: readonly number[];
  /** The address of the agents' Service, for pods that cannot resolve its name. */
  readonly agentIp: string | undefined;
}): JsonObject {
  const { injection, wishes, probePorts } = options;
  return {
    name: sidecarName,
    image: injection.image,
    imagePullPolicy: 'IfNotPresent',
    restartPolicy: 'Always',
    args: ['sidecar' satisfies RoleName],
    env: [
      downward(podVariables.podName, 'metadata.name'),
      downward(podVariables.podNamespace, 'metadata.namespace'),
      ...environment({
        ...agentEnvironment(options),
        [podVariables.agentCaFile]: `${trustFolder}/${caFile}`,
        [podVariables.agentTokenFile]: `${trustFolder}/${tokenFile}`,
        ...redirectedPorts,
        ...operatorPorts,
        ...wishes.sidecar,
        ...(probePorts.length > 0 ? { [podVariables.probePorts]: probePorts.join(',') } : {}),
      }),
    ],
    ports: [{ name: 'heddle-metrics', containerPort: ports.metrics, protocol: 'TCP' }],
    resources: injection.resources,
    startupProbe: {
      httpGet: { path: `${readyPath}?${readyWaitParameter}=${startWaitMs}`, port: ports.ready },
      initialDelaySeconds: 1,
      periodSeconds: 1,
      timeoutSeconds: startWaitMs / 1000 + loadingSeconds,
      failureThreshold: 60,
    },
    securityContext: {
      runAsUser: sidecarUid,
      runAsGroup: sidecarUid,
      runAsNonRoot: true,
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumeMounts: [{ name: trustVolume, mountPath: trustFolder, readOnly: true }],
  };
}

/** With dnsPolicy Default or None the cluster's names mean nothing: the address goes in, the certificate's name beside it. */
function agentEnvironment(options: {
  readonly injection: Injection;
  readonly pod: Pod;
  readonly agentIp: string | undefined;
}): Record<string, string> {
  const { agentAddress, agentServerName } = options.injection;
  const colon = agentAddress.lastIndexOf(':');
  const host = agentAddress.slice(0, colon);
  const { agentIp } = options;
  if (!needsAgentIp(options.pod) || agentIp === undefined) {
    const name = host === agentServerName ? {} : { [podVariables.agentServerName]: agentServerName };
    return { [podVariables.agentAddress]: agentAddress, ...name };
  }
  const ip = agentIp.includes(':') ? `[${agentIp}]` : agentIp;
  return {
    [podVariables.agentAddress]: `${ip}${agentAddress.slice(colon)}`,
    [podVariables.agentServerName]: agentServerName,
  };
}

/** Whether a pod's DNS does not know the cluster's names. */
export function needsAgentIp({ spec }: Pod): boolean {
  const policy = textOf(fieldsOf(spec), 'dnsPolicy');
  return policy === 'Default' || policy === 'None';
}

function environment(values: Readonly<Record<string, string>>): JsonObject[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

function downward(name: string, fieldPath: string): JsonObject {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}
