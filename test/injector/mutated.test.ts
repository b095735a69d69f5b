import test from 'ava';
import * as fc from 'fast-check';
import { reviewPod } from '../../injector/review.ts';
import { applyPatch } from './jsonPatch.ts';
import { injection, moment, reviewOf } from './reviews.ts';

const pod = {
  metadata: {
    generateName: 'web-',
    labels: { 'heddle.dev/inject': 'enabled' },
    annotations: { 'heddle.dev/opaque-ports': '9042' },
  },
  spec: {
    dnsPolicy: 'Default',
    securityContext: { runAsUser: 1000 },
    os: { name: 'linux' },
    initContainers: [
      { name: 'i', image: 'i:1', restartPolicy: 'Always', livenessProbe: { tcpSocket: { port: 'web' } } },
    ],
    containers: [
      {
        name: 'app',
        image: 'app:1',
        ports: [{ name: 'web', containerPort: 8080 }],
        livenessProbe: { tcpSocket: { port: 'web' } },
        readinessProbe: { httpGet: { path: '/probe/tcp/8080', port: 15_021 } },
        startupProbe: { httpGet: { path: '/', port: 'web', httpHeaders: [{ name: 'a', value: 'b' }] } },
      },
    ],
    volumes: [{ name: 'data', emptyDir: {} }],
  },
};

type Path = readonly (string | number)[];

/** Every member of a value by the steps that lead to it. */
function pathsOf(value: unknown, to: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [to];
  return [to, ...Object.entries(value).flatMap(([key, member]: [string, unknown]) => pathsOf(member, [...to, key]))];
}

function mutate(value: unknown, path: Path, to: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof value !== 'object' || value === null) return to;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...(value as unknown[])] : { ...value };
  const members = copy as Record<string | number, unknown>;
  const changed = mutate(members[step], rest, to);
  if (changed === undefined && !Array.isArray(copy)) delete members[step];
  else members[step] = changed;
  return copy;
}

const whole = reviewOf(pod);
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    '',
    0,
    -1,
    1e30,
    true,
    [],
    {},
    [null],
    'enabled',
    'a/b~c',
    'CREATE',
    1337,
    '__proto__',
  ),
  fc.jsonValue(),
);

test('1,000 mutated AdmissionReviews: each gets a clear answer, and a patch that applies and is not needed twice', (t) => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...pathsOf(whole)), odd), { minLength: 1, maxLength: 3 }),
      (changes) => {
        let mutated: unknown = whole;
        for (const [path, to] of changes) mutated = mutate(mutated, path, to);
        const body: unknown = JSON.parse(JSON.stringify(mutated) ?? 'null');
        const answer = reviewPod(body, injection, { ...moment, agentIp: undefined });
        if (!answer.ok) {
          seen.add('unanswered');
          return answer.message.length > 10;
        }
        const response = answer.body['response'] as { allowed: boolean; patch?: string; status?: { message: string } };
        seen.add(answer.outcome.result);
        if (!response.allowed) return (response.status?.message ?? '').startsWith('heddle: ');
        if (response.patch === undefined) return true;
        const { object } = (body as { request: { object: unknown } }).request;
        const operations = JSON.parse(Buffer.from(response.patch, 'base64').toString()) as Parameters<
          typeof applyPatch
        >[1];
        const patched = applyPatch(object, operations);
        const later = { ...moment, agentIp: undefined, probeToken: 'another-token-of-another-injector' };
        const again = reviewPod(reviewOf(patched, { namespace: answer.outcome.namespace }), injection, later);
        return again.ok && again.outcome.result === 'unchanged';
      },
    ),
    { numRuns: 1000, seed: 20_261_125 },
  );
  t.deepEqual([...seen].sort(), ['injected', 'refused', 'skipped', 'unanswered']);
});
