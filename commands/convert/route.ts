/** The objects that a conversion yields, as they are written; what is `undefined` is left out. */
export type PathMatch = { readonly type: 'Exact' | 'PathPrefix' | 'RegularExpression'; readonly value: string };
export type NamedMatch = {
  readonly type: 'Exact' | 'RegularExpression';
  readonly name: string;
  readonly value: string;
};

export type Match = {
  readonly path?: PathMatch | undefined;
  readonly headers?: readonly NamedMatch[] | undefined;
  readonly queryParams?: readonly NamedMatch[] | undefined;
  readonly method?: string | undefined;
};

export type PathModifier =
  | { readonly type: 'ReplaceFullPath'; readonly replaceFullPath: string }
  | { readonly type: 'ReplacePrefixMatch'; readonly replacePrefixMatch: string };

export type HeaderModifier = {
  readonly set?: readonly HeaderValue[] | undefined;
  readonly add?: readonly HeaderValue[] | undefined;
  readonly remove?: readonly string[] | undefined;
};
export type HeaderValue = { readonly name: string; readonly value: string };

export type Redirect = {
  readonly scheme?: string | undefined;
  readonly hostname?: string | undefined;
  readonly port?: number | undefined;
  readonly path?: PathModifier | undefined;
  readonly statusCode?: number | undefined;
};

export type Cors = {
  readonly allowOrigins?: readonly string[] | undefined;
  readonly allowCredentials?: boolean | undefined;
  readonly allowMethods?: readonly string[] | undefined;
  readonly allowHeaders?: readonly string[] | undefined;
  readonly exposeHeaders?: readonly string[] | undefined;
  readonly maxAge?: number | undefined;
};

export type Filter =
  | { readonly type: 'RequestHeaderModifier'; readonly requestHeaderModifier: HeaderModifier }
  | { readonly type: 'ResponseHeaderModifier'; readonly responseHeaderModifier: HeaderModifier }
  | { readonly type: 'RequestRedirect'; readonly requestRedirect: Redirect }
  | {
      readonly type: 'URLRewrite';
      readonly urlRewrite: { readonly hostname?: string | undefined; readonly path?: PathModifier | undefined };
    }
  | {
      readonly type: 'RequestMirror';
      readonly requestMirror: {
        readonly backendRef: BackendRef;
        readonly percent?: number | undefined;
        readonly fraction?: { readonly numerator: number; readonly denominator: number } | undefined;
      };
    }
  | { readonly type: 'CORS'; readonly cors: Cors };

export type BackendRef = {
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly port: number;
  readonly weight?: number | undefined;
  readonly filters?: readonly Filter[] | undefined;
};

export type Retry = {
  readonly codes?: readonly number[] | undefined;
  readonly attempts?: number | undefined;
  readonly backoff?: string | undefined;
};

export type Rule = {
  readonly name?: string | undefined;
  readonly matches?: readonly Match[] | undefined;
  readonly filters?: readonly Filter[] | undefined;
  readonly backendRefs?: readonly BackendRef[] | undefined;
  readonly timeouts?:
    | { readonly request?: string | undefined; readonly backendRequest?: string | undefined }
    | undefined;
  readonly retry?: Retry | undefined;
};

export type ParentRef = {
  readonly group: string;
  readonly kind: 'Service' | 'Gateway';
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly port?: number | undefined;
  readonly sectionName?: string | undefined;
};

/** The group of the Gateway API. */
export const gatewayGroup = 'gateway.networking.k8s.io';

/** An HTTPRoute, a Service or a ReferenceGrant. */
export type Made = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly labels?: Readonly<Record<string, string>> | undefined;
    readonly annotations?: Readonly<Record<string, string>> | undefined;
  };
  readonly spec: object;
};

/** An HTTPRoute in the form in which it is written; for any host where no hostnames are given. */
export function httpRoute(
  metadata: Made['metadata'],
  {
    parentRefs,
    hostnames = [],
    rules,
  }: {
    readonly parentRefs: readonly ParentRef[];
    readonly hostnames?: readonly string[];
    readonly rules: readonly Rule[];
  },
): Made {
  const spec = { parentRefs, ...(hostnames.length > 0 && { hostnames }), rules };
  return { apiVersion: `${gatewayGroup}/v1`, kind: 'HTTPRoute', metadata, spec };
}
