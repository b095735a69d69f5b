import { clusterAccess, get, kubectlCommand, type KubernetesObject } from '../kubectl.ts';
import { waitUntil } from '../process/progress.ts';
import { tryRun } from '../process/run.ts';
import { pod, type PodParts } from './app.ts';
import type { Pod } from './pods.ts';

/** A pod that is admitted as any other but never placed on a node, for what can be seen of the object alone. */
export function gated(namespace: string, name: string, parts: PodParts = {}): KubernetesObject {
  return pod(namespace, name, { ...parts, spec: { schedulingGates: [{ name: 'test/never' }], ...parts.spec } });
}

/** Creates an object; gives it as admitted, with what kubectl warned of. Throws when it is refused. */
export async function submit(
  object: KubernetesObject,
  ...words: readonly string[]
): Promise<Pod & { readonly warnings: string }> {
  const { ok, stdout, stderr } = await create(object, words);
  if (!ok) throw new Error(stderr);
  return { ...(JSON.parse(stdout) as Pod), warnings: stderr };
}

/** Creates an object that must be refused; gives the message. */
export async function refusalOf(object: KubernetesObject, ...words: readonly string[]): Promise<string> {
  const { ok, stdout, stderr } = await create(object, words);
  if (ok) throw new Error(`It was not refused: ${stdout}`);
  return stderr;
}

async function create(object: KubernetesObject, words: readonly string[]) {
  const command = kubectlCommand(await clusterAccess(), ['create', '-o', 'json', ...words, '-f', '-']);
  return tryRun(command, { input: JSON.stringify(object) });
}

type Event = {
  readonly reason: string;
  readonly message: string;
  readonly involvedObject: { readonly kind: string; readonly name: string };
};

/** Waits for events of each reason on objects of a kind whose name begins so; gives them all. */
export async function eventsOf(
  namespace: string,
  kind: string,
  prefix: string,
  reasons: readonly string[],
): Promise<readonly Event[]> {
  let found: Event[] = [];
  await waitUntil(`events ${reasons.join(', ')} on ${kind} ${prefix}`, 60_000, async () => {
    const { items } = await get<{ items: Event[] }>(
      '-n',
      namespace,
      'events',
      `--field-selector=involvedObject.kind=${kind}`,
    );
    found = items.filter(({ involvedObject }) => involvedObject.name.startsWith(prefix));
    return reasons.every((reason) => found.some((event) => event.reason === reason));
  });
  return found.filter(({ reason }) => reasons.includes(reason));
}
