import type { Filter } from '../route.ts';
import { isOn, type ReadAnnotation } from './annotation.ts';

// What ingress-nginx answers unless it is told (https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#enable-cors).
const methods = 'GET, PUT, POST, DELETE, PATCH, OPTIONS';
const headers =
  'DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization';
const seconds = 1_728_000;

/** The CORS filter that the annotations stand for, with the defaults of ingress-nginx written out. */
export function readCors(of: ReadAnnotation): readonly Filter[] {
  const isEnabled = isOn(of('enable-cors'));
  const allowOrigins = list(of('cors-allow-origin').text() ?? '*');
  const allowMethods = list(of('cors-allow-methods').text() ?? methods);
  const allowHeaders = list(of('cors-allow-headers').text() ?? headers);
  const exposeHeaders = list(of('cors-expose-headers').text() ?? '');
  const allowCredentials = of('cors-allow-credentials').text() !== 'false';
  const maxAge = of('cors-max-age').numeral() ?? seconds;
  if (!isEnabled) return [];
  const cors = {
    allowOrigins,
    allowCredentials,
    allowMethods,
    allowHeaders,
    ...(exposeHeaders.length > 0 && { exposeHeaders }),
    maxAge,
  };
  return [{ type: 'CORS', cors }];
}

function list(text: string): readonly string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
