import path from 'node:path';
import test from 'ava';
import { roles } from '../../cli/roles.ts';
import { runProcess } from '../../lab/process.ts';

const module = path.resolve(import.meta.dirname, '../../sidecar/youngGeneration.ts');

test('the young generation is small, grows while many requests are under way, and shrinks behind them', async (t) => {
  const script = `
    import { setTimeout } from 'node:timers/promises';
    import v8 from 'node:v8';
    import { followRequests } from ${JSON.stringify(module)};
    let underWay = 0;
    followRequests(() => underWay, globalThis.gc, { lookEveryMs: 5, restMs: 300 });
    const young = () => v8.getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size;
    const live = [];
    const work = () => {
      for (let at = 0; at < 2_000_000; at++) {
        live.push({ at, list: [at, at, at, at] });
        if (live.length > 4000) live.splice(0, 2000);
      }
    };
    const few = (work(), young());
    underWay = 200;
    await setTimeout(50);
    const many = (work(), young());
    underWay = 0;
    live.length = 0;
    const since = Date.now();
    while (young() > few && Date.now() - since < 50_000) await setTimeout(50);
    console.log(JSON.stringify({ few, many, behind: young() }));`;
  const { nodeFlags } = roles.sidecar;
  const { stdout, stderr } = await runProcess([process.execPath, ...nodeFlags, '--input-type=module', '-e', script]);
  t.is(stderr, '');
  const { few, many, behind } = JSON.parse(stdout) as { few: number; many: number; behind: number };
  // Both of its halves.
  t.true(few <= 2 * 2_097_152, `${few}`);
  t.true(many > 2 * few, `${many}`);
  t.true(behind <= few, `${behind}`);
});
