import { compileOrigins } from '../../routing/filters/origins.ts';
import type { CORS } from '../../routing/model.ts';

/** A CORS filter made ready before any request: which origins it allows, and the values of the fields that it writes. */
export type Cors = {
  readonly allowsOrigin: (origin: string) => boolean;
  /** What answers say of the origin: itself, or `*` for all of them alike. */
  readonly allowOrigin: 'origin' | '*';
  readonly allowCredentials: boolean;
  readonly methods: AllowedNames;
  readonly headers: AllowedNames;
  /** Empty: nothing is exposed. */
  readonly exposeHeaders: string;
  readonly maxAge: string;
};

/** Names that a preflight asks for. `any`: all of them, and the answer repeats what was asked for. */
export type AllowedNames = {
  readonly any: boolean;
  /** As they are answered; empty: no field. */
  readonly text: string;
  /** As they are compared. */
  readonly names: ReadonlySet<string>;
};

// https://fetch.spec.whatwg.org/#cors-safelisted-method
const safeMethods = ['GET', 'HEAD', 'POST'];

/** Works out once what does not depend on a request. */
export function prepareCors(cors: CORS): Cors {
  const { allowOrigins, allowCredentials, allowMethods, allowHeaders, exposeHeaders, maxAgeMs } = cors;
  const lowerHeaders = allowHeaders.map((name) => name.toLowerCase());
  // With credentials `*` would be a header of that name (https://fetch.spec.whatwg.org/#cors-protocol-and-credentials).
  const exposed = allowCredentials ? exposeHeaders.filter((name) => name !== '*') : exposeHeaders;
  return {
    allowsOrigin: compileOrigins(allowOrigins),
    allowOrigin: allowOrigins.includes('*') && !allowCredentials ? '*' : 'origin',
    allowCredentials,
    methods: {
      any: allowMethods.includes('*'),
      text: allowMethods.join(', '),
      names: new Set([...safeMethods, ...allowMethods]),
    },
    headers: { any: allowHeaders.includes('*'), text: allowHeaders.join(', '), names: new Set(lowerHeaders) },
    exposeHeaders: exposed.join(', '),
    maxAge: String(maxAgeMs / 1000),
  };
}
