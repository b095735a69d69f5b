import test from 'ava';
import { createEvents } from '../../injector/events.ts';
import { createNamespaceHints } from '../../injector/hints.ts';
import { createLog } from '../../runtime/log.ts';
import { type Got, startScripted } from '../kubernetes/scripted.ts';

test('namespaces that say what means nothing are told in the log once, and by an Event of their own', async (t) => {
  const namespaces = [
    { name: 'value', labels: { 'heddle.dev/inject': 'true' } },
    { name: 'place', annotations: { 'heddle.dev/inject': 'enabled' } },
    { name: 'key', labels: { 'heddle.dev/injct': 'enabled' } },
    { name: 'setting', labels: { 'heddle.dev/inject': 'enabled' }, annotations: { 'heddle.dev/access-log': 'error' } },
    { name: 'right', labels: { 'heddle.dev/inject': 'enabled' }, annotations: { 'heddle.dev/access-log': 'off' } },
    { name: 'none' },
  ];
  const written: Got[] = [];
  const { api, got } = await startScripted(t, [
    (request, response) => {
      if (request.method === 'POST') written.push(request);
      response.writeHead(200).end(JSON.stringify({ items: namespaces.map((metadata) => ({ metadata })) }));
    },
  ]);
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const log = createLog('test', 'info', { write, writeAscii: write, flushSync: () => undefined });
  let at = 0;
  const now = (): number => at;
  const hints = createNamespaceHints({ api, log, now, events: createEvents({ api, log, now }) });
  await hints.look();
  await hints.look();
  at += 61_000;
  await hints.look();
  for (const end = Date.now() + 60_000; written.length < 4 && Date.now() < end;) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  t.is(got.filter(({ method }) => method === 'GET').length, 2, 'once a minute');
  const events = written.map(({ url, body }) => {
    const { reason, message, involvedObject } = JSON.parse(body) as {
      readonly reason: string;
      readonly message: string;
      readonly involvedObject: { readonly kind: string; readonly name: string };
    };
    t.is(url.pathname, `/api/v1/namespaces/${involvedObject.name}/events`);
    return `${involvedObject.kind} ${involvedObject.name} ${reason}: ${message}`;
  });
  t.is(events.length, 4);
  const text = events.toSorted().join('\n');
  t.regex(text, /Namespace key UnknownKey: label heddle\.dev\/injct .*did you mean the label heddle\.dev\/inject\?/);
  t.regex(text, /Namespace place UnknownKey: .*write it as label heddle\.dev\/inject/);
  t.regex(text, /Namespace setting UnknownKey: .*"error" is wrong; write one of all, errors, off/);
  t.regex(text, /Namespace value UnknownKey: label heddle\.dev\/inject="true" is unknown: write "enabled"/);
  t.is(lines.filter((line) => line.includes('"A namespace says what means nothing"')).length, 4);
});
