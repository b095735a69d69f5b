import test, { type ExecutionContext } from 'ava';
import type { WatchTiming } from '../../kubernetes/watchTiming.ts';
import { type WatchEvent, watchResource } from '../../kubernetes/watch.ts';
import { added, bookmark, line, sends, sendsAndEnds, status, thing } from './objects.ts';
import { type Answer, failure, json, startScripted } from './scripted.ts';

const quick: WatchTiming = {
  stallMs: 60_000,
  listStallMs: 60_000,
  watchMs: 60_000,
  shortMs: 20_000,
  backOffMs: [20, 100],
  relistMs: 20,
  missingMs: 40,
};

/** Watches a scripted server; `next` gives the next event in words. */
async function watch(
  t: ExecutionContext,
  answers: readonly Answer[],
  { paths = ['/apis/x/v1/things'], timing = quick }: { paths?: string[]; timing?: WatchTiming } = {},
) {
  const { api, got } = await startScripted(t, answers);
  const controller = new AbortController();
  t.teardown(() => controller.abort());
  const events = watchResource(api, { paths, signal: controller.signal, timing });
  const next = async (): Promise<string> => {
    const { value, done } = await events.next();
    return done === true ? 'ended' : describe(value);
  };
  const take = async (count: number): Promise<readonly string[]> => {
    const taken: string[] = [];
    while (taken.length < count) {
      const event = await next();
      if (!event.startsWith('failed')) taken.push(event);
    }
    return taken;
  };
  return { got, next, take, stop: () => controller.abort() };
}

function describe(event: WatchEvent): string {
  if (event.type === 'applied') return `applied ${event.object.metadata.name}@${event.object.metadata.resourceVersion}`;
  if (event.type === 'deleted') return `deleted ${event.key}`;
  if (event.type === 'listed') return `listed ${event.objects}`;
  return event.type === 'missing' ? 'missing' : `failed ${event.error.message}`;
}

const isSilent: Answer = (_, response) => void response.writeHead(200).write('\n');
const listed: Answer = sends(added('a', 1), added('b', 2), bookmark(5, 'end of list'));

test('the list comes as a watch, and what changes after it in the same stream', async (t) => {
  const { got, take } = await watch(t, [
    (_, response) => {
      response.write([added('a', 1), bookmark(5, 'end of list')].map(line).join(''));
      setTimeout(() => {
        const changes = [
          { type: 'MODIFIED', object: thing('a', 6) },
          added('b', 7),
          { type: 'DELETED', object: thing('a', 8) },
        ];
        response.write(changes.map(line).join(''));
      }, 20);
    },
  ]);
  t.deepEqual(await take(5), ['applied a@1', 'listed 1', 'applied a@6', 'applied b@7', 'deleted shop/a']);
  const query = Object.fromEntries(got[0]?.url.searchParams ?? []);
  t.like(query, { watch: 'true', sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' });
  t.is(query['allowWatchBookmarks'], 'true');
});

function page(items: unknown[], next?: string): Answer {
  return json(200, { metadata: { resourceVersion: '9', continue: next }, items });
}

test('a server that does not know WatchList is listed page by page and then watched from the version of the list', async (t) => {
  const { got, take } = await watch(t, [
    failure(422, 'Invalid', 'sendInitialEvents is forbidden'),
    page([thing('a', 1)], 'more'),
    page([thing('b', 2)]),
    sends(added('c', 10)),
  ]);
  t.deepEqual(await take(4), ['applied a@1', 'applied b@2', 'listed 2', 'applied c@10']);
  t.is(got[1]?.url.searchParams.get('limit'), '500');
  t.is(got[2]?.url.searchParams.get('continue'), 'more');
  t.is(got[3]?.url.searchParams.get('resourceVersion'), '9');
});

test('a page whose token is too old begins the list anew', async (t) => {
  const { take } = await watch(t, [
    failure(422, 'Invalid'),
    json(200, { metadata: { resourceVersion: '9', continue: 'more' }, items: [thing('a', 1)] }),
    failure(410, 'Expired'),
    json(200, { metadata: { resourceVersion: '12' }, items: [thing('b', 11)] }),
    sends(),
  ]);
  t.deepEqual(await take(4), ['applied a@1', 'applied b@11', 'deleted shop/a', 'listed 1']);
});

test('a watch that ends goes on from the last version, bookmarks included', async (t) => {
  const { got, take } = await watch(t, [
    sendsAndEnds(added('a', 1), bookmark(5, 'end of list'), bookmark(77)),
    sends({ type: 'MODIFIED', object: thing('a', 78) }),
  ]);
  t.deepEqual(await take(3), ['applied a@1', 'listed 1', 'applied a@78']);
  t.is(got[1]?.url.searchParams.get('resourceVersion'), '77');
  t.is(got[1]?.url.searchParams.get('sendInitialEvents'), null);
});

for (const [title, gone] of [
  ['410 as an answer', failure(410, 'Expired')],
  ['410 as an ERROR event', sends({ type: 'ERROR', object: status(410, 'Expired') })],
] as const) {
  test(`${title} lists anew: only what differs is an event, what vanished is deleted`, async (t) => {
    const { take } = await watch(t, [
      sendsAndEnds(added('a', 1), added('b', 2), bookmark(5, 'end of list')),
      gone,
      sends(added('b', 2), added('c', 9), bookmark(9, 'end of list')),
    ]);
    t.deepEqual(await take(3), ['applied a@1', 'applied b@2', 'listed 2']);
    t.deepEqual(await take(3), ['applied c@9', 'deleted shop/a', 'listed 2']);
  });
}

test('an object that was deleted and created anew between two lists is two objects', async (t) => {
  const { take } = await watch(t, [
    sendsAndEnds(added('a', 1, 'first'), bookmark(5, 'end of list')),
    failure(410, 'Expired'),
    sends(added('a', 9, 'second'), bookmark(9, 'end of list')),
  ]);
  t.deepEqual(await take(5), ['applied a@1', 'listed 1', 'deleted shop/a', 'applied a@9', 'listed 1']);
});

const troubles: readonly (readonly [title: string, trouble: Answer, reason: RegExp])[] = [
  ['a line that is no JSON', (_, response) => void response.write('<html>\n'), /no JSON/],
  ['a value that is no event', (_, response) => void response.write('[1]\n'), /no event/],
  ['an object without version', sends({ type: 'ADDED', object: { metadata: {} } }), /without metadata/],
  ['an ERROR event', sends({ type: 'ERROR', object: status(500, 'InternalError') }), /500 InternalError/],
  ['an ERROR event without Status', sends({ type: 'ERROR', object: 7 }), /500 no reason/],
  ['a line that is cut off', (_, response) => void response.end('{"type":"ADDED","obj'), /ended/],
  ['a connection that is cut', (_, response) => void setTimeout(() => response.destroy(), 20), /./],
  ['a watch that ends at once', (_, response) => void response.end(), /as soon as it began/],
  ['500', failure(500, 'InternalError'), /500/],
  ['429', json(429, {}, { 'retry-after': '0' }), /429/],
  ['403', failure(403, 'Forbidden'), /403/],
  ['silence without a head', () => {}, /nothing came .* for 3000 ms/],
];

for (const [title, trouble, reason] of troubles) {
  test(`${title} costs a new watch from the last version, no object and no exception`, async (t) => {
    const answers = [sendsAndEnds(added('a', 1), bookmark(5, 'end of list')), trouble, sends(added('b', 6))];
    const timing = title.startsWith('silence') ? { ...quick, stallMs: 3000, listStallMs: 3000 } : quick;
    const { got, next } = await watch(t, answers, { timing });
    t.deepEqual([await next(), await next()], ['applied a@1', 'listed 1']);
    t.regex(await next(), /as soon as it began/);
    t.regex(await next(), new RegExp(`failed .*${reason.source}`));
    t.is(await next(), 'applied b@6');
    t.is(got.at(-1)?.url.searchParams.get('resourceVersion'), '5');
  });
}

test('silence of a server that answers costs a new watch from the last version, and is no failure', async (t) => {
  const { got, next } = await watch(
    t,
    [sends(added('a', 1), bookmark(5, 'end of list')), isSilent, isSilent, sends(added('b', 6))],
    { timing: { ...quick, stallMs: 1500, shortMs: 500 } },
  );
  t.deepEqual([await next(), await next(), await next()], ['applied a@1', 'listed 1', 'applied b@6']);
  t.deepEqual(
    got.slice(1).map(({ url }) => url.searchParams.get('resourceVersion')),
    ['5', '5', '5'],
  );
});

test('what came while the process stood still is read before silence is complained of', async (t) => {
  const stillness = new Int32Array(new SharedArrayBuffer(4));
  const { got, next } = await watch(
    t,
    [
      (_, response) => {
        response.write(line(added('a', 1)));
        response.write(line(bookmark(5, 'end of list')));
        setTimeout(() => {
          // Behind the turn of the sockets: written, unread, and the timer long due when the thread runs again.
          setImmediate(() => response.write(line(added('b', 6))));
          setImmediate(() => Atomics.wait(stillness, 0, 0, 2500));
        }, 100);
      },
      sends(added('c', 7)),
    ],
    { timing: { ...quick, stallMs: 2000, listStallMs: 2000 } },
  );
  t.deepEqual([await next(), await next(), await next()], ['applied a@1', 'listed 1', 'applied b@6']);
  t.is(got.length, 1);
});

test('trouble within the first list begins it anew', async (t) => {
  const { take } = await watch(t, [
    sendsAndEnds(added('a', 1)),
    failure(503, 'ServiceUnavailable'),
    (_, response) => void response.write(`${line(added('a', 1))}garbage\n`),
    listed,
  ]);
  t.deepEqual(await take(3), ['applied a@1', 'applied b@2', 'listed 2']);
});

test('waits grow as failures follow each other, and shrink after a success', async (t) => {
  const { next } = await watch(t, [failure(500, 'x'), failure(500, 'x'), failure(500, 'x'), failure(500, 'x'), listed]);
  const start = performance.now();
  for (let failures = 0; failures < 4; failures += 1) t.regex(await next(), /failed/);
  t.is(await next(), 'applied a@1');
  const tookMs = performance.now() - start;
  t.true(tookMs >= 10 + 20 + 40 + 50, `${tookMs} ms`);
});

test('objects that are larger than a chunk, and chunks that end within a character, are whole', async (t) => {
  const name = 'ä'.repeat(400_000);
  const bytes = Buffer.from(line(added(name, 3)) + line(added('small', 4)));
  const { next } = await watch(t, [
    async (_, response) => {
      for (let start = 0; start < bytes.length; start += 65_537) {
        response.write(bytes.subarray(start, start + 65_537));
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  ]);
  t.is(await next(), `applied ${name}@3`);
  t.is(await next(), 'applied small@4');
});

test('a resource that is not served is missing once, asked for again, and listed when it appears', async (t) => {
  const paths = ['/apis/x/v1/things', '/apis/x/v1beta1/things'];
  const notFound = failure(404, 'NotFound');
  const { got, take } = await watch(t, [notFound, notFound, notFound, notFound, notFound, listed], { paths });
  t.deepEqual(await take(4), ['missing', 'applied a@1', 'applied b@2', 'listed 2']);
  t.deepEqual(new Set(got.map(({ url }) => url.pathname)), new Set(paths));
});

test('a resource that is served in its older version only is watched there', async (t) => {
  const paths = ['/apis/x/v1/things', '/apis/x/v1beta1/things'];
  const { got, take } = await watch(t, [failure(404, 'NotFound'), listed], { paths });
  t.deepEqual(await take(3), ['applied a@1', 'applied b@2', 'listed 2']);
  t.is(got.at(-1)?.url.pathname, '/apis/x/v1beta1/things');
});

test('a resource that is removed takes its objects along, but not for a 404 of a server that only just starts', async (t) => {
  const ends = sendsAndEnds(added('a', 1), bookmark(5, 'end of list'));
  const notFound = failure(404, 'NotFound');
  const started = await watch(t, [ends, notFound, sends(added('a', 1), added('b', 7), bookmark(7, 'end of list'))]);
  t.deepEqual(await started.take(4), ['applied a@1', 'listed 1', 'applied b@7', 'listed 2']);
  const removed = await watch(t, [ends, notFound]);
  t.deepEqual(await removed.take(4), ['applied a@1', 'listed 1', 'deleted shop/a', 'missing']);
});

test('versions that the server waits for in vain, as after a restore, end in a new list', async (t) => {
  const late = failure(504, 'Timeout', 'Too large resource version');
  const { take } = await watch(t, [
    sendsAndEnds(added('a', 100), bookmark(500, 'end of list')),
    late,
    late,
    late,
    late,
    late,
    sends(added('a', 3), bookmark(4, 'end of list')),
  ]);
  t.deepEqual(await take(4), ['applied a@100', 'listed 1', 'applied a@3', 'listed 1']);
});

test('the signal ends the watch, be it open, waiting or asking', async (t) => {
  for (const answer of [listed, failure(500, 'x'), () => {}] satisfies Answer[]) {
    const { next, stop } = await watch(t, [answer]);
    setTimeout(stop, 30);
    let event = '';
    while (event !== 'ended') event = await next();
    t.pass();
  }
});
