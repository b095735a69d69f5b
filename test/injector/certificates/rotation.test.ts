import test from 'ava';
import { planRotation, type Step, takeStep } from '../../../injector/certificates/rotation.ts';
import type { Authorities, Certificate, KeyPair, Lifetimes } from '../../../injector/certificates/types.ts';

const hour = 3_600_000;
const lifetimes: Lifetimes = { authorityMs: 90 * hour, certificateMs: 12 * hour, overlapMs: 6 * hour };

/** Names stand for certificates here: the order of steps does not look into them. */
function authority(name: string, bornAt: number): KeyPair {
  const certificate = { pem: name, notBefore: bornAt, notAfter: bornAt + lifetimes.authorityMs };
  return { certificate, keyPem: `${name} key` };
}

function stateOf(parts: {
  readonly signing: KeyPair;
  readonly next?: KeyPair;
  readonly since?: number;
  readonly old?: Certificate;
}): Authorities {
  const { signing, next, since = 0, old } = parts;
  return {
    signing,
    signingSince: since,
    next: next === undefined ? undefined : { pair: next, since },
    trusted: [old, signing.certificate, next?.certificate].filter((certificate) => certificate !== undefined),
  };
}

const a = authority('a', 0);
const b = authority('b', 60 * hour);
const cases: readonly (readonly [string, Authorities | undefined, number, Step])[] = [
  ['without a CA one begins', undefined, 0, 'begin'],
  ['a young CA signs alone', stateOf({ signing: a }), 59 * hour, 'none'],
  ['at two thirds of its life a successor is prepared', stateOf({ signing: a }), 60 * hour, 'prepare'],
  [
    'the successor does not sign during the overlap',
    stateOf({ signing: a, next: b, since: 60 * hour }),
    65.9 * hour,
    'none',
  ],
  ['the successor signs after the overlap', stateOf({ signing: a, next: b, since: 60 * hour }), 66 * hour, 'promote'],
  [
    'the old CA is trusted while its certificates may live',
    stateOf({ signing: b, old: a.certificate, since: 66 * hour }),
    77.9 * hour,
    'none',
  ],
  [
    'the old CA is forgotten when its last certificate has expired',
    stateOf({ signing: b, old: a.certificate, since: 66 * hour }),
    78 * hour,
    'forget',
  ],
  [
    'a successor signs at once when the signing CA has expired',
    stateOf({ signing: a, next: b, since: 89 * hour }),
    90 * hour,
    'promote',
  ],
  ['an expired CA without a successor is replaced at once', stateOf({ signing: a }), 90 * hour, 'begin'],
  ['an expired successor is prepared anew', stateOf({ signing: b, next: a, since: 0 }), 130 * hour, 'prepare'],
];
for (const [title, state, now, step] of cases) {
  test(title, (t) => t.is(planRotation(state, now, lifetimes), step));
}

test('through a thousand hours, whatever is served is trusted by everybody, however late they look', (t) => {
  /** Pods see a bundle up to two hours late. */
  const delay = 2 * hour;
  const bundles: { readonly at: number; readonly names: readonly string[] }[] = [];
  const signers = new Set<string>();
  /** Serving certificates, renewed only when they must be: the worst case. */
  let leaf: { readonly signer: string; readonly until: number } | undefined;
  let state: Authorities | undefined;
  let born = 0;
  for (let now = 0; now < 1000 * hour; now += hour / 2) {
    for (let step = planRotation(state, now, lifetimes); step !== 'none'; step = planRotation(state, now, lifetimes)) {
      const moment = { now, lifetimes };
      if (step === 'begin' || step === 'prepare') {
        state = takeStep(state, { type: step, fresh: authority(`ca${born++}`, now) }, moment);
      } else {
        state = takeStep(state, { type: step }, moment);
      }
    }
    if (state === undefined) throw new Error('no CA');
    bundles.push({ at: now, names: state.trusted.map(({ pem }) => pem) });
    if (leaf === undefined || now >= leaf.until) {
      leaf = { signer: state.signing.certificate.pem, until: now + lifetimes.certificateMs };
      signers.add(leaf.signer);
    }
    const late = bundles.findLast(({ at }) => at <= now - delay) ?? bundles[0];
    t.true(
      late?.names.includes(leaf.signer) === true,
      `hour ${now / hour}: ${leaf.signer} not in ${String(late?.names)}`,
    );
    t.true((late?.names.length ?? 0) <= 2);
    t.true(state.trusted.every(({ notAfter }) => notAfter > now));
  }
  t.true(signers.size > 10, `${signers.size} CAs took turns`);
});
