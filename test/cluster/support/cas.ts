import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { get } from '../kubectl.ts';
import { stateFolder } from '../names.ts';
import { addressesOf, podsOf, readPod } from './pods.ts';

const webhook = 'mutatingwebhookconfiguration/heddle-injector';

/** The CAs that the API server trusts each webhook by, in PEM. */
export async function caBundles(): Promise<string[]> {
  const { webhooks } = await get<{ webhooks: { clientConfig: { caBundle?: string } }[] }>(webhook);
  return webhooks.map(({ clientConfig }) => Buffer.from(clientConfig.caBundle ?? '', 'base64').toString());
}

/** What the Secret heddle-ca holds, as text. */
export async function caSecret(): Promise<Readonly<Record<'ca.crt' | 'tls.crt', string>>> {
  const { data } = await get<{ data: Record<string, string> }>('-n', 'heddle-system', 'secret', 'heddle-ca');
  const text = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString();
  return { 'ca.crt': text('ca.crt'), 'tls.crt': text('tls.crt') };
}

/** The bundle that a pod's sidecar sees now, as the kubelet has written it; empty while there is none. */
export async function mountedBundle(namespace: string, name: string): Promise<string> {
  const { metadata, spec } = await readPod(namespace, name);
  const volume = join('pods', metadata.uid, 'volumes/kubernetes.io~projected/heddle-trust');
  return readFile(join(stateFolder, spec.nodeName, 'kubelet', volume, 'ca.crt'), 'utf8').catch(() => '');
}

/** Whether two bundles hold the same certificates. */
export function sameCas(one: string, other: string): boolean {
  return blocks(one) === blocks(other);
}

function blocks(pem: string): string {
  return (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [])
    .map((block) => block.replaceAll(/\s/g, ''))
    .toSorted()
    .join();
}

/** Whether all agents show a certificate that this CA signed. */
export async function agentsTrustedBy(ca: string): Promise<boolean> {
  const agents = await podsOf('heddle-system', 'app.kubernetes.io/name=heddle-agent');
  const answers = await Promise.all(agents.map((agent) => isTrusted(addressesOf(agent)[0] ?? '', ca)));
  return answers.length > 0 && answers.every(Boolean);
}

async function isTrusted(host: string, ca: string): Promise<boolean> {
  const servername = 'heddle-agent.heddle-system.svc';
  const socket = connect({ host, port: 15_010, ca, servername, ALPNProtocols: ['h2'] });
  try {
    await once(socket, 'secureConnect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
