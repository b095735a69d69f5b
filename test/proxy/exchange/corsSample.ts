import type { ExecutionContext } from 'ava';
import type { CORS, Rule } from '../../../routing/model.ts';
import { backendSample, matchSample, routeSample } from '../../routing/samples.ts';
import { startOkBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';

const nothing = { allowOrigins: [], allowMethods: [], allowHeaders: [], exposeHeaders: [] };
export const filter = (parts: Partial<CORS>): CORS => ({
  type: 'CORS',
  ...nothing,
  allowCredentials: false,
  maxAgeMs: 5000,
  ...parts,
});

export const listed = filter({
  allowOrigins: ['https://www.foo.com', 'https://*.bar.com'],
  allowMethods: ['GET', 'OPTIONS'],
  allowHeaders: ['x-header-1', 'x-header-2'],
  exposeHeaders: ['x-header-3', 'x-header-4'],
  allowCredentials: true,
  maxAgeMs: 3_600_000,
});
export const anyMethod = filter({ allowOrigins: ['https://www.foo.com'], allowMethods: ['*'] });
export const anyOrigin = filter({ allowOrigins: ['*'], allowMethods: ['PUT'], exposeHeaders: ['*'] });
const any = { allowOrigins: ['*'], allowMethods: ['*'], allowHeaders: ['*'], exposeHeaders: ['*', 'x-a'] };
export const anyWithCredentials = filter({ ...any, allowCredentials: true });
export const anyWithout = filter(any);

export const headers1And2 = 'x-header-1, x-header-2';

/** Fields that are sent, by their short names. */
export type Asks = { readonly origin?: string; readonly method?: string; readonly headers?: string };

export function send(line: string, { origin, method, headers }: Asks, more = ''): string {
  const fields = [
    ...(origin === undefined ? [] : [`Origin: ${origin}`]),
    ...(method === undefined ? [] : [`Access-Control-Request-Method: ${method}`]),
    ...(headers === undefined ? [] : [`access-control-request-headers: ${headers}`]),
  ];
  return `${line} HTTP/1.1\r\nHost: a\r\n${fields.map((field) => `${field}\r\n`).join('')}${more}\r\n`;
}

export const preflight = (asks: Asks): string => send('OPTIONS /x', asks);

export function reply(fields: string): string {
  return `HTTP/1.1 200 OK\r\n${fields}Content-Length: 2\r\n\r\nok`;
}

export async function startCors(t: ExecutionContext, rule: Partial<Rule>, answer?: string) {
  const server = await startOkBackend(t, answer);
  const sidecar = setUp(t);
  const rules = [{ index: 0, filters: [], backends: [backendSample()], ...rule, matches: [matchSample()] }];
  const routing = routingSample({ routes: [{ ...routeSample([]), rules }] });
  t.is(sidecar.apply(routing, endpointsOf('cart', readyEndpoint(server.port))), undefined);
  return { sidecar, server, port: await sidecar.service() };
}

/** Without what every answer has, and with plain line ends. */
export function plain(answer: string): string {
  return answer
    .replace(/^HTTP\/1.1 /, '')
    .replace(/^Date: .*\r\n/m, '')
    .replaceAll('\r\n', '\n');
}
