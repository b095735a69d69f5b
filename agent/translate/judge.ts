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
  /** Something of it can be done: a route of which nothing can takes no port from other kinds. */
  readonly isValid: boolean;
};

/** What comes of all the routes that attach to one port. */
export type Judgement = {
  /** The routes that serve, by the namespace of the clients they are for (undefined: all others), in order. */
  readonly serving: ReadonlyMap<string | undefined, readonly Route[]>;
  /** Why a route does not serve here, by its key. */
  readonly refused: ReadonlyMap<string, Refusal>;
  /** What one that serves is told of others that do not because of it, by its key. */
  readonly displacing: ReadonlyMap<string, readonly string[]>;
};

export type Refusal = { readonly reason: 'Conflicted'; readonly message: string };

const none: ReadonlyMap<string, never> = new Map<string, never>();

/** Decides which of the routes at a port serve there; among routes for the same clients, kinds do not mix. */
export function judge(attachments: Iterable<Attachment>): Judgement {
  const serving = new Map<string | undefined, readonly Route[]>();
  let refused: Map<string, Refusal> | undefined;
  let displacing: Map<string, readonly string[]> | undefined;
  for (const [clientNamespace, group] of Map.groupBy(attachments, (one) => one.clientNamespace)) {
    group.sort(compareAttachments);
    const first = group.find(({ isValid }) => isValid) ?? group[0];
    if (first === undefined) continue;
    const same = group.filter(({ kind }) => kind === first.kind);
    serving.set(
      clientNamespace,
      same.map(({ route }) => route),
    );
    const displaced = group.filter(({ kind }) => kind !== first.kind);
    for (const { key, kind } of displaced) {
      const message = `port ${first.port} has ${first.key}, and ${why(first, kind)}; attach this route to another port`;
      refused ??= new Map();
      refused.set(key, { reason: 'Conflicted', message });
    }
    if (displaced.length === 0) continue;
    const told = displaced.map(
      ({ key, kind }) => `${key} does not serve at port ${first.port}, since ${why(first, kind)}`,
    );
    displacing ??= new Map();
    for (const { key } of same) displacing.set(key, told);
  }
  return { serving, refused: refused ?? none, displacing: displacing ?? none };
}

function why({ kind }: Attachment, other: Attachment['kind']): string {
  return precedence.indexOf(kind) < precedence.indexOf(other)
    ? `${kind} goes before ${other}`
    : `no rule of that ${other} can be done`;
}

/** Older first within a kind, then `namespace/name`. */
function compareAttachments(one: Attachment, other: Attachment): number {
  return (
    precedence.indexOf(one.kind) - precedence.indexOf(other.kind) ||
    one.route.createdAtMs - other.route.createdAtMs ||
    compareText(printName(one.route), printName(other.route))
  );
}
