import test from 'ava';
import { findUnknownKeys, findWrongInject } from '../../../injector/patch/unknownKeys.ts';
import { review } from '../reviews.ts';

const none = { labels: {}, annotations: {} };

for (const [title, kind, object, message] of [
  [
    'a misspelled annotation',
    'Pod',
    { annotations: { 'heddle.dev/skip-inbound-port': '80' } },
    /did you mean the annotation heddle\.dev\/skip-inbound-ports\?/,
  ],
  [
    'a misspelled label',
    'Pod',
    { labels: { 'heddle.dev/injct': 'enabled' } },
    /label heddle\.dev\/injct means nothing here: did you mean the label heddle\.dev\/inject\?/,
  ],
  [
    'the annotation instead of the label',
    'Pod',
    { annotations: { 'heddle.dev/inject': 'enabled' } },
    /write it as label heddle\.dev\/inject/,
  ],
  ['the same on a namespace', 'Namespace', { annotations: { 'heddle.dev/inject': 'enabled' } }, /write it as label/],
  [
    'a label instead of the annotation',
    'Pod',
    { labels: { 'heddle.dev/access-log': 'off' } },
    /write it as annotation heddle\.dev\/access-log/,
  ],
  ['a misspelled domain', 'Pod', { labels: { 'hedle.dev/inject': 'enabled' } }, /write heddle\.dev\/inject/],
  ['another domain of ours', 'Namespace', { labels: { 'heddle.io/inject': 'enabled' } }, /write heddle\.dev\/inject/],
  [
    'a word of another mesh',
    'Pod',
    { annotations: { 'heddle.dev/proxy-cpu-limit': '1' } },
    /did you mean the annotation heddle\.dev\/sidecar-cpu-limit\?|reference/,
  ],
  ['something far from all', 'Pod', { annotations: { 'heddle.dev/quite-another-thing': '1' } }, /the reference lists/],
  [
    'opaque ports on a namespace',
    'Namespace',
    { annotations: { 'heddle.dev/opaque-ports': '1' } },
    /means nothing here/,
  ],
] as const) {
  test(`${title} is found, with the right one`, (t) => {
    const found = findUnknownKeys(kind, { ...none, ...object });
    t.is(found.length, 1);
    t.regex(found[0] ?? '', message);
    t.true((found[0] ?? '').length <= 248, 'a warning of the API server');
  });
}

test('what is known, and what is of others, is not', (t) => {
  const labels = { 'heddle.dev/inject': 'enabled', app: 'x', 'linkerd.io/inject': 'enabled', 'paddle.dev/inject': 'x' };
  const annotations = { 'heddle.dev/access-log': 'off', 'sidecar.istio.io/inject': 'true', 'needle.devs/x': '' };
  t.deepEqual(findUnknownKeys('Pod', { labels, annotations }), []);
  t.deepEqual(findUnknownKeys('Namespace', { labels, annotations }), []);
});

test('a wrong value of the label is found on a namespace', (t) => {
  t.regex(findWrongInject({ 'heddle.dev/inject': 'true' }) ?? '', /inject="true" is unknown: write "enabled"/);
  t.is(findWrongInject({ 'heddle.dev/inject': 'disabled' }), undefined);
  t.is(findWrongInject({}), undefined);
});

test('a pod with an unknown key is injected, and its creator and its owner are told', (t) => {
  const { response, outcome } = review({
    metadata: { name: 'web', annotations: { 'heddle.dev/opaque-port': '3306' } },
    spec: { containers: [{ name: 'app' }] },
  });
  t.is(outcome.result, 'injected');
  t.regex(
    response.warnings?.[0] ?? '',
    /^heddle: annotation heddle\.dev\/opaque-port means nothing here: did you mean/,
  );
  t.is(outcome.event?.reason, 'UnknownKey');
});
