/** What a ServiceAccount token says of itself. Nobody has checked its signature: good for refusing, never for believing. */
export type TokenClaims = {
  readonly audiences: readonly string[];
  /** Unix time in milliseconds; undefined when it does not expire. */
  readonly expiresMs: number | undefined;
};

/** Kubernetes' own are about 1 KB. */
const maximumLength = 16_384;

/** The token in an `authorization` value (RFC 6750), or undefined when there is none. */
export function bearerToken(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization.length > maximumLength) return undefined;
  return /^Bearer +(?<token>[\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization)?.groups?.['token'];
}

/** The claims of a JWT (RFC 7519), or undefined when it is none. */
export function readClaims(token: string): TokenClaims | undefined {
  let claims: unknown;
  try {
    claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  } catch {
    return undefined;
  }
  if (typeof claims !== 'object' || claims === null) return undefined;
  const { aud, exp } = claims as { readonly aud?: unknown; readonly exp?: unknown };
  const audiences = (Array.isArray(aud) ? (aud as unknown[]) : [aud]).filter((one) => typeof one === 'string');
  return { audiences, expiresMs: typeof exp === 'number' && Number.isFinite(exp) ? exp * 1000 : undefined };
}
