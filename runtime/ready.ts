import { livePath, readyPath } from '../contract/paths.ts';
import { type OperatorServer, type Reply, type ReplyTo, serveOperator } from './httpServer.ts';

/** Whether traffic may be sent here, and if not, why. */
export type Readiness = { readonly ready: true } | { readonly ready: false; readonly message: string };

/** The readiness port: `/ready` answers 200 or 503 with the reason, `/live` 200 as long as the process turns. `further` answers paths of one program's own. */
export function serveReady(options: {
  readonly port: number;
  readonly readiness: () => Readiness;
  readonly further?: (request: Parameters<ReplyTo>[0]) => Promise<Reply> | undefined;
  readonly onError: (error: unknown) => void;
}): Promise<OperatorServer> {
  return serveOperator({
    port: options.port,
    reach: 'everywhere',
    onError: options.onError,
    replyTo: (request) => {
      const reply = options.further?.(request);
      if (reply !== undefined) return reply;
      const { method, path } = request;
      if (path !== readyPath && path !== livePath) {
        return { status: 404, body: `Ask for ${readyPath} or ${livePath}.\n` };
      }
      if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: `${path} answers GET only.\n` };
      const state: Readiness = path === livePath ? { ready: true } : options.readiness();
      return state.ready ? { status: 200, body: 'ok\n' } : { status: 503, body: `${state.message}\n` };
    },
  });
}
