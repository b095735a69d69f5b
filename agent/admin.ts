import { streamsPath } from '../contract/paths.ts';
import { answersOnly, serveOperator, type OperatorServer } from '../runtime/httpServer.ts';
import type { StreamState } from './discovery/deliveries.ts';

/**
 * The admin port, reachable from inside the pod only, and so by whoever may port-forward to it: what is known of each
 * stream, as JSON. Nothing can be changed there. Rejects when the port cannot be bound.
 */
export function serveAgentAdmin(options: {
  readonly port: number;
  readonly states: () => readonly StreamState[];
  readonly onError: (error: unknown) => void;
}): Promise<OperatorServer> {
  const { port, states, onError } = options;
  return serveOperator({
    port,
    reach: 'loopback',
    onError,
    replyTo: ({ method, path }) => {
      if (path !== streamsPath) return { status: 404, body: `Ask for ${streamsPath}.\n` };
      if (method !== 'GET' && method !== 'HEAD') return answersOnly(['GET'], streamsPath);
      return { status: 200, contentType: 'application/json', body: `${JSON.stringify(states())}\n` };
    },
  });
}
