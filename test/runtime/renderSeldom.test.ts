import test from 'ava';
import { Counter, Registry } from 'prom-client';
import { renderInTurns, renderSeldom } from '../../runtime/renderSeldom.ts';

function counted(fails: readonly number[] = []) {
  let rendered = 0;
  let at = 0;
  const render = renderSeldom(
    async () => {
      rendered++;
      await Promise.resolve();
      if (fails.includes(rendered)) throw new Error('broken');
      return { body: Buffer.from(String(rendered)), contentType: 'text/plain' };
    },
    1000,
    () => at,
  );
  return { render, pass: (ms: number) => void (at += ms), times: () => rendered };
}

test('eight who ask at once get the bytes of one rendering', async (t) => {
  const { render, times } = counted();
  const all = await Promise.all(Array.from({ length: 8 }, () => render()));
  t.is(new Set(all.map(({ body }) => body)).size, 1);
  t.is(times(), 1);
});

test('within a second nothing is rendered anew, after it once', async (t) => {
  const { render, pass, times } = counted();
  await render();
  pass(999);
  t.is(String((await render()).body), '1');
  pass(1);
  t.is(String((await render()).body), '2');
  t.is(times(), 2);
});

test('a rendering that fails is not kept', async (t) => {
  const { render } = counted([1]);
  await t.throwsAsync(render(), { message: 'broken' });
  t.is(String((await render()).body), '2');
});

test('what is rendered in turns is the whole text, and lets others work meanwhile', async (t) => {
  const registry = new Registry();
  for (const name of ['a_total', 'b_total', 'c_total']) new Counter({ name, help: name, registers: [registry] }).inc();
  let turns = 0;
  const count = (): void => void ((turns += 1) < 1000 && setImmediate(count));
  setImmediate(count);
  const { body, contentType } = await renderInTurns(registry);
  t.true(turns >= 3);
  turns = 1000;
  t.is(String(body), await registry.metrics());
  t.is(contentType, registry.contentType);
});
