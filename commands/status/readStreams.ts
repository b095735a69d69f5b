import http from 'node:http';
import { text } from 'node:stream/consumers';
import type { StreamState } from '../../agent/discovery/deliveries.ts';
import { agentName } from '../../contract/objects.ts';
import { streamsPath } from '../../contract/paths.ts';
import { ports } from '../../contract/ports.ts';
import type { Api } from '../../kubernetes/api.ts';
import { forwardPort } from '../../kubernetes/portForward.ts';
import { reasonOf } from '../../runtime/reason.ts';
import { listRaw } from '../cluster/listRaw.ts';
import { readPod } from '../cluster/meshPods.ts';
import { readStates } from './readStates.ts';

/** What one agent knows of its streams, or why that is not known. */
export type AgentTold = { readonly agent: string } & (
  | { readonly ok: true; readonly streams: readonly StreamState[] }
  | { readonly ok: false; readonly reason: string }
);

const timeoutMs = 10_000;

/** Asks all agents that run, by port-forward to their admin ports, with the rights of the user. Throws ApiError where not even their pods may be listed. */
export async function readStreams(api: Api, namespace: string): Promise<readonly AgentTold[]> {
  const selection = { labelSelector: `app.kubernetes.io/name=${agentName}` };
  const pods = (await listRaw(api, `/api/v1/namespaces/${namespace}/pods`, selection)) ?? [];
  const running = pods.map(readPod).filter(({ isReady }) => isReady);
  return Promise.all(
    running.map(async ({ name }): Promise<AgentTold> => {
      try {
        return { agent: name, ok: true, streams: await ask(api, { namespace, pod: name }) };
      } catch (error) {
        return { agent: name, ok: false, reason: reasonOf(error) };
      }
    }),
  );
}

async function ask(
  api: Api,
  { namespace, pod }: { readonly namespace: string; readonly pod: string },
): Promise<readonly StreamState[]> {
  const signal = AbortSignal.timeout(timeoutMs);
  const connection = await forwardPort(api, { namespace, pod, port: ports.admin }, signal);
  try {
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const headers = { host: `localhost:${ports.admin}`, connection: 'close' };
      const request = http.get({ path: streamsPath, headers, createConnection: () => connection, signal }, resolve);
      request.on('error', reject);
    });
    const body = await text(response);
    if (response.statusCode !== 200) throw new Error(`it answered ${response.statusCode ?? ''}: ${body.trim()}`);
    return readStates(body);
  } finally {
    connection.destroy();
  }
}
