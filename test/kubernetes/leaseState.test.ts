import test from 'ava';
import { readLease, releasedLease, takenLease } from '../../kubernetes/leaseObject.ts';
import {
  decideLease,
  heldUntilMs,
  isHeld,
  type LeaseAction,
  type LeaseRecord,
  type LeaseState,
  renewLease,
  seeLease,
  unknownLease,
} from '../../kubernetes/leaseState.ts';

const timing = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2000 };
const context = (nowMs: number) => ({ identity: 'me', timing, nowMs });

function lease(given: Partial<LeaseRecord> = {}): LeaseRecord {
  const base = { resourceVersion: '1', holder: 'other', durationMs: 15_000, transitions: 3 };
  return { ...base, acquireTime: 'long ago', renewTime: 'a', ...given };
}

const seenAt = (nowMs: number, record: LeaseRecord): LeaseState => seeLease(unknownLease, record, nowMs);

const decisions: readonly (readonly [
  title: string,
  state: LeaseState,
  nowMs: number,
  LeaseAction['type'],
  waitMs?: number,
])[] = [
  ['no Lease is created', seeLease(unknownLease, undefined, 5), 5, 'create'],
  ['a released Lease is taken at once', seenAt(0, lease({ holder: '' })), 0, 'update'],
  ["another's Lease is left for its whole duration after it was seen", seenAt(1000, lease()), 15_999, 'wait', 1],
  ["another's Lease is taken when it was not renewed for its duration", seenAt(1000, lease()), 16_000, 'update'],
  ['nobody waits longer than the usual pause', seenAt(0, lease()), 100, 'wait', 2000],
  ["the holder's own duration counts", seenAt(0, lease({ durationMs: 40_000 })), 39_500, 'wait', 500],
  ['a Lease without duration has ours', seenAt(0, lease({ durationMs: undefined })), 15_000, 'update'],
  [
    'a Lease from the year 2000 is no older than our first look',
    seenAt(0, lease({ renewTime: '2000-01-01T00:00:00.000000Z' })),
    14_000,
    'wait',
    1000,
  ],
  [
    'a renewal starts the time anew',
    seeLease(seenAt(0, lease()), lease({ resourceVersion: '2', renewTime: 'b' }), 14_000),
    15_500,
    'wait',
    2000,
  ],
  ['a look at an unchanged Lease does not', seeLease(seenAt(0, lease()), lease(), 14_000), 15_500, 'update'],
  [
    'a label that changed is no renewal',
    seeLease(seenAt(0, lease()), lease({ resourceVersion: '9' }), 14_000),
    15_500,
    'update',
  ],
  ['our own Lease is renewed also after a long absence', seenAt(0, lease({ holder: 'me' })), 999_999, 'update'],
];

for (const [title, state, nowMs, type, waitMs] of decisions) {
  test(title, (t) => {
    const action = decideLease(state, context(nowMs));
    t.is(action.type, type);
    if (waitMs !== undefined) t.is(action.type === 'wait' ? action.ms : undefined, waitMs);
  });
}

test('a holder stops at its deadline, before anybody else may begin', (t) => {
  const sentAtMs = 1000;
  const mine = renewLease(lease({ holder: 'me' }), sentAtMs);
  t.is(heldUntilMs(mine, context(0)), 11_000);
  t.true(isHeld(mine, context(10_999)));
  t.false(isHeld(mine, context(11_000)));
  // Nobody can have seen the renewal before it was sent.
  const theirs = seenAt(sentAtMs, lease({ holder: 'me' }));
  for (let nowMs = 0; nowMs < 20_000; nowMs += 250) {
    const takes = decideLease(theirs, { ...context(nowMs), identity: 'you' }).type === 'update';
    t.false(takes && isHeld(mine, context(nowMs)), `at ${nowMs}`);
  }
});

test('a Lease that another holds or that is gone is not held, however recent the renewal', (t) => {
  const mine = renewLease(lease({ holder: 'me' }), 1000);
  t.false(isHeld(seeLease(mine, lease({ holder: 'you' }), 1100), context(1200)));
  t.false(isHeld(seeLease(mine, undefined, 1100), context(1200)));
  t.false(isHeld(unknownLease, context(0)));
});

test('a Lease is written as client-go writes it', (t) => {
  const name = { namespace: 'heddle-system', name: 'heddle-agent', identity: 'me', timing };
  const wallMs = Date.parse('2026-11-25T14:00:00.123Z');
  const now = '2026-11-25T14:00:00.123000Z';
  const spec = { holderIdentity: 'me', leaseDurationSeconds: 15, renewTime: now };
  t.like(takenLease({ type: 'create' }, name, wallMs), { spec: { ...spec, acquireTime: now, leaseTransitions: 0 } });
  t.like(takenLease({ type: 'update', from: lease() }, name, wallMs), {
    metadata: { namespace: 'heddle-system', name: 'heddle-agent', resourceVersion: '1' },
    spec: { ...spec, acquireTime: now, leaseTransitions: 4 },
  });
  t.like(takenLease({ type: 'update', from: lease({ holder: 'me' }) }, name, wallMs), {
    spec: { ...spec, acquireTime: 'long ago', leaseTransitions: 3 },
  });
  t.is(readLease(releasedLease(name, lease({ holder: 'me' }), wallMs)).holder, '');
});

test('what is no Lease is read as one that nobody holds', (t) => {
  for (const broken of [undefined, null, 1, [], {}, { spec: { holderIdentity: 7, leaseTransitions: 'x' } }])
    t.like(readLease(broken), { holder: '', transitions: 0, durationMs: undefined });
});
