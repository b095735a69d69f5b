import type { Route } from '../../routing/model.ts';
import { compareText, printName } from './compare.ts';

/** The kind that stands first has the port: https://gateway-api.sigs.k8s.io/geps/gep-1426/#route-types */
const precedence = ['GRPCRoute', 'HTTPRoute', 'TLSRoute', 'TCPRoute'] as const;

/** A route at one port of a Service. */
export type Attachment = {
  /** `namespace/service:port`. */
  readonly port: string;
  /** Of the clients that it is for; undefined: a producer's, for every client. */
  readonly clientNamespace: string | undefined;
  readonly kind: (typeof precedence)[number];
  /** `HTTPRoute shop/cart`. */
  readonly key: string;
  readonly route: Route;
};

/** What comes of all the routes that attach to one port. */
export type Judgement = {
  /** The routes that serve, by the namespace of the clients they are for (undefined: all others), in order. */
  readonly serving: ReadonlyMap<string | undefined, readonly Route[]>;
  /** Why a route does not serve here, by its key. */
  readonly refused: ReadonlyMap<string, Refusal>;
};

export type Refusal = { readonly reason: 'Conflicted'; readonly message: string };

const none: ReadonlyMap<string, never> = new Map<string, never>();

/** Decides which of the routes at a port serve there; among routes for the same clients, kinds do not mix. */
export function judge(attachments: Iterable<Attachment>): Judgement {
  const serving = new Map<string | undefined, readonly Route[]>();
  let refused: Map<string, Refusal> | undefined;
  for (const [clientNamespace, group] of Map.groupBy(attachments, (one) => one.clientNamespace)) {
    const [first, ...others] = group.sort(compareAttachments);
    if (first === undefined) continue;
    const same = others.filter(({ kind }) => kind === first.kind);
    serving.set(
      clientNamespace,
      [first, ...same].map(({ route }) => route),
    );
    for (const { key, kind } of others.slice(same.length)) {
      const message = `port ${first.port} has ${first.key}, and ${first.kind} goes before ${kind}; attach this route to another port`;
      refused ??= new Map();
      refused.set(key, { reason: 'Conflicted', message });
    }
  }
  return { serving, refused: refused ?? none };
}

/** Older first within a kind, then `namespace/name`. */
function compareAttachments(one: Attachment, other: Attachment): number {
  return (
    precedence.indexOf(one.kind) - precedence.indexOf(other.kind) ||
    one.route.createdAtMs - other.route.createdAtMs ||
    compareText(printName(one.route), printName(other.route))
  );
}
