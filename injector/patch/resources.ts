import { resourceAnnotations } from '../../contract/labels.ts';
import { fieldsOf, type JsonObject, textOf } from '../../runtime/json.ts';
import type { Give } from './given.ts';
import type { Pod } from './pod.ts';
import { isOurs } from './ours.ts';
import { parseQuantity } from './quantity.ts';

/** Requests and limits as a container has them. */
export type Resources = { readonly requests: JsonObject; readonly limits: JsonObject };

type Read = { readonly ok: true; readonly resources: Resources } | { readonly ok: false; readonly message: string };
type Amount = 'cpu' | 'memory';
type Pair = { readonly request: string | undefined; readonly limit: string | undefined };

const annotationsOf = {
  cpu: { request: resourceAnnotations.cpuRequest, limit: resourceAnnotations.cpuLimit },
  memory: { request: resourceAnnotations.memoryRequest, limit: resourceAnnotations.memoryLimit },
} as const;

/** What a thread can use: a limit that holds nothing back. */
const wholeCpu = '1';

/**
 * The resources of our containers in a pod: what its annotations say, else what its namespace says, else the settings.
 * What the pod as a whole has a budget for (spec.resources) ours take from that, and where all its containers have a CPU
 * limit, as a quota on limits.cpu demands, ours have one.
 */
export function readResources(pod: Pod, give: Give, defaults: Resources): Read {
  const cpu = readPair('cpu', { pod, give, defaults });
  if (typeof cpu === 'string') return { ok: false, message: cpu };
  const memory = readPair('memory', { pod, give, defaults });
  if (typeof memory === 'string') return { ok: false, message: memory };
  return {
    ok: true,
    resources: {
      requests: given({ cpu: cpu.request, memory: memory.request }),
      limits: given({ cpu: cpu.limit, memory: memory.limit }),
    },
  };
}

/** A text says what is wrong. */
function readPair(
  amount: Amount,
  { pod, give, defaults }: { readonly pod: Pod; readonly give: Give; readonly defaults: Resources },
): Pair | string {
  const request = readOne(give, annotationsOf[amount].request);
  if (!request.ok) return request.message;
  const limit = readOne(give, annotationsOf[amount].limit);
  if (!limit.ok) return limit.message;
  const usual = hasBudget(pod, amount) ? { request: undefined, limit: undefined } : usualPair(amount, pod, defaults);
  const pair = {
    request: request.value === undefined ? usual.request : request.value,
    limit: limit.value === undefined ? usual.limit : limit.value,
  };
  const wanted = { request: pair.request ?? undefined, limit: pair.limit ?? undefined };
  if (!isOver(wanted)) return wanted;
  // Who says one of them need not know the other.
  if (request.value === undefined) return { ...wanted, request: wanted.limit };
  if (limit.value === undefined) return { ...wanted, limit: wanted.request };
  return `${limit.what}: ${String(wanted.limit)} is less than ${annotationsOf[amount].request}, ${String(wanted.request)}; raise it`;
}

/** `undefined`: nobody says; `null`: none. */
function readOne(
  give: Give,
  annotation: string,
):
  | { readonly ok: true; readonly value: string | null | undefined; readonly what: string }
  | { readonly ok: false; readonly message: string } {
  const said = give(annotation);
  if (said === undefined) return { ok: true, value: undefined, what: '' };
  const { value, what } = said;
  if (value === 'none') return { ok: true, value: null, what };
  if (typeof value === 'string' && (parseQuantity(value) ?? 0) > 0) return { ok: true, value, what };
  return {
    ok: false,
    message: `${what}: ${JSON.stringify(value).slice(0, 60)} is wrong; write a quantity such as 100m, 1 or 128Mi, or none`,
  };
}

function hasBudget({ spec }: Pod, amount: Amount): boolean {
  const { requests, limits } = fieldsOf(spec['resources']);
  return fieldsOf(requests)[amount] !== undefined || fieldsOf(limits)[amount] !== undefined;
}

function usualPair(amount: Amount, { containers, initContainers }: Pod, defaults: Resources): Pair {
  const request = textOf(defaults.requests, amount);
  const limit = textOf(defaults.limits, amount);
  if (limit !== undefined || amount === 'memory') return { request, limit };
  const others = [...containers, ...initContainers].filter((container) => !isOurs(container));
  const allLimited = others.every(({ resources }) => fieldsOf(fieldsOf(resources)['limits'])['cpu'] !== undefined);
  const needed = isOver({ request, limit: wholeCpu }) ? request : wholeCpu;
  return { request, limit: allLimited && others.length > 0 ? needed : undefined };
}

function isOver({ request, limit }: Pair): boolean {
  if (request === undefined || limit === undefined) return false;
  return (parseQuantity(request) ?? 0) > (parseQuantity(limit) ?? 0);
}

function given(quantities: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(quantities).flatMap(([key, value]) => (value ? [[key, value]] : [])));
}
