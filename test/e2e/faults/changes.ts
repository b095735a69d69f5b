import { setTimeout as sleep } from 'node:timers/promises';
import { curl, until } from '../clients.ts';
import { type Fault, allTo, url } from './steady.ts';

/** The routes are written so often, evenly within `overMs`; the last of them is live in the end. */
export function changed(times: number, overMs: number): Fault {
  return async (mesh) => {
    const start = performance.now();
    for (let turn = 1; turn <= times; turn += 1) {
      await mesh.writeRoutes(allTo(turn % 2 === 0 ? 'v1' : 'v2', turn));
      await sleep(Math.max(0, start + (turn * overMs) / times - performance.now()));
    }
    const tookMs = performance.now() - start;
    const isLast = async (): Promise<boolean> =>
      (await curl(mesh.pod('client').pod, '-i', url)).text.toLowerCase().includes(`x-turn: ${times}\r`);
    await until(isLast, 120_000);
    return { said: `${times} changes in ${(tookMs / 1000).toFixed(1)} s, the last one live`, wrong: [] };
  };
}
