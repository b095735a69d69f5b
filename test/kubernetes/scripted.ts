import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ExecutionContext } from 'ava';
import type { Api } from '../../kubernetes/api.ts';
import { connectApi } from '../../kubernetes/connect.ts';
import type { Credentials } from '../../kubernetes/credentials.ts';

/** One request as the scripted API server got it. */
export type Got = { readonly method: string; readonly url: URL; readonly token: string | undefined; body: string };

export type Answer = (got: Got, response: ServerResponse, request: IncomingMessage) => void | Promise<void>;

/** An API server that answers as the test says: the first answer to the first request, the last one to all that follow. */
export async function startScripted(
  t: ExecutionContext,
  answers: readonly Answer[],
): Promise<{ readonly api: Api; readonly got: readonly Got[]; readonly origin: string }> {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://scripted');
    const entry: Got = { method: request.method ?? '', url, token: request.headers.authorization, body: '' };
    const answer = answers[Math.min(got.length, answers.length - 1)];
    got.push(entry);
    response.on('error', () => {});
    request.setEncoding('utf8').on('data', (text: string) => (entry.body += text));
    request.on('end', () => void answer?.(entry, response, request));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const api = await connectApi({ credentials: plainCredentials(origin) });
  t.teardown(async () => {
    await api.close();
    server.closeAllConnections();
    server.close();
  });
  return { api, got, origin };
}

export function plainCredentials(origin: string, headers?: Credentials['headers']): Credentials {
  return {
    server: new URL(origin),
    serverName: undefined,
    verifyServer: true,
    namespace: undefined,
    readTls: () => Promise.resolve({}),
    headers: headers ?? (() => Promise.resolve({})),
  };
}

/** A JSON answer; of the Status kind when the code is not 2xx. */
export function json(code: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return (_, response) => void response.writeHead(code, headers).end(JSON.stringify(body));
}

export function failure(code: number, reason: string, message = reason): Answer {
  return json(code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code });
}
