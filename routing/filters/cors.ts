import type { CORS } from '../model.ts';
import { isToken } from './token.ts';

/** Why a CORS filter must not be applied, naming the field and what to do; `undefined` for a good one. */
export function corsProblem(cors: CORS): string | undefined {
  for (const field of ['allowOrigins', 'allowMethods', 'allowHeaders'] as const) {
    if (cors[field].length > 1 && cors[field].includes('*'))
      return `${field} has "*" beside others; remove one of them`;
  }
  for (const origin of cors.allowOrigins) {
    if (!isOrigin(origin))
      return `allowOrigins has ${JSON.stringify(origin)}; write "*" or http(s)://host[:port], the host being "*" or beginning with "*." if there are many`;
  }
  for (const method of cors.allowMethods) {
    if (!methods.includes(method))
      return `allowMethods has ${JSON.stringify(method)}; use "*" or some of ${methods.slice(0, -1).join(', ')}`;
  }
  for (const field of ['allowHeaders', 'exposeHeaders'] as const) {
    const wrong = cors[field].find((name) => !isToken(name));
    if (wrong !== undefined)
      return `${field} has ${JSON.stringify(wrong)}, which is no header name (RFC 9110 section 5.1)`;
  }
  return undefined;
}

/** https://gateway-api.sigs.k8s.io/reference/spec/#corsorigin */
function isOrigin(origin: string): boolean {
  const parts = /^https?:\/\/(?:\*|(?:\*\.)?[a-z\d-]+(?:\.[a-z\d-]+)*)(?::(\d{1,5}))?$/i.exec(origin);
  if (parts === null) return origin === '*';
  const port = parts[1] === undefined ? 1 : Number(parts[1]);
  return port >= 1 && port <= 65_535;
}

/** https://gateway-api.sigs.k8s.io/reference/spec/#httpmethodwithwildcard */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', '*'];
