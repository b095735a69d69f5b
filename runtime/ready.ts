import { setTimeout as sleep } from 'node:timers/promises';
import { livePath, readyPath, readyWaitParameter } from '../contract/paths.ts';
import { answersOnly, type OperatorServer, type Reply, type ReplyTo, serveOperator } from './httpServer.ts';

/** Whether traffic may be sent here, and if not, why. */
export type Readiness = { readonly ready: true } | { readonly ready: false; readonly message: string };

const longestWaitMs = 30_000;
const lookEveryMs = 20;

/**
 * The readiness port: `/ready` answers 200 or 503 with the reason, `/live` 200 as long as the process turns. With
 * `?wait=<ms>` a no waits so long for a yes, 30 s at most. `further` answers paths of one program's own.
 */
export function serveReady(options: {
  readonly port: number;
  readonly sockets?: readonly number[];
  readonly readiness: () => Readiness;
  readonly further?: (request: Parameters<ReplyTo>[0]) => Promise<Reply> | undefined;
  readonly onError: (error: unknown) => void;
}): Promise<OperatorServer> {
  return serveOperator({
    port: options.port,
    sockets: options.sockets ?? [],
    reach: 'everywhere',
    onError: options.onError,
    replyTo: async (request) => {
      const reply = options.further?.(request);
      if (reply !== undefined) return reply;
      const { method, path, query, isOpen } = request;
      if (path !== readyPath && path !== livePath) {
        return { status: 404, body: `Ask for ${readyPath} or ${livePath}.\n` };
      }
      if (method !== 'GET' && method !== 'HEAD') return answersOnly(['GET'], path);
      if (path === livePath) return { status: 200, body: 'ok\n' };
      const wait = query.get(readyWaitParameter) ?? '0';
      if (!/^\d{1,6}$/.test(wait)) return { status: 400, body: `${readyWaitParameter} is a time in milliseconds.\n` };
      const until = performance.now() + Math.min(Number(wait), longestWaitMs);
      let state = options.readiness();
      for (; !state.ready && isOpen() && performance.now() < until; state = options.readiness()) {
        await sleep(lookEveryMs, undefined, { ref: false });
      }
      return state.ready ? { status: 200, body: 'ok\n' } : { status: 503, body: `${state.message}\n` };
    },
  });
}
