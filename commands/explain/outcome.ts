import type { Retry, Timeouts } from '../../routing/model.ts';

/** What can become of a request: one for each backend that may be drawn for it. Shares add up to 1. */
export type Outcome = Answered | Forwarded;

type Common = {
  /** Of the requests like this one, from 0 to 1. */
  readonly share: number;
  readonly decidedBy: DecidedBy;
};

/** As the log line says it; no route: default forwarding, or no rule matches. */
export type DecidedBy = {
  readonly route?: string;
  readonly rule?: number;
  readonly ruleName?: string;
  readonly matched?: string;
  /** `namespace/service:port`. */
  readonly backend?: string;
};

/** The sidecar answers. */
export type Answered = Common & {
  readonly type: 'Answered';
  readonly status: number;
  /** Of an error, where the request is one of gRPC: what its caller sees in place of a status of HTTP. */
  readonly grpcStatus?: string;
  /** As in the log line; left out where nothing is wrong. */
  readonly flag?: string;
  readonly reason?: string;
  readonly location?: string;
  /** Besides Location and what stands in each answer. */
  readonly headers: readonly Header[];
  /** The verdict of a CORS filter. */
  readonly cors?: string;
};

/** An endpoint of the backend gets it. */
export type Forwarded = Common & {
  readonly type: 'Forwarded';
  readonly path: string;
  readonly host: string;
  /** What filters change of its headers. */
  readonly headers: readonly HeaderChange[];
  /** Left out: nobody knows them, as of a Service that has no EndpointSlice in the files. */
  readonly endpoints?: readonly EndpointView[];
  /** A client stays with one endpoint. */
  readonly staysWithOne: boolean;
  readonly response: ResponseChanges;
  readonly timeouts?: Timeouts;
  readonly retry?: Retry;
  readonly mirrors: readonly MirrorView[];
  /** It is one of gRPC. Left out: it is not. */
  readonly isGRPC?: true;
};

export type Header = { readonly name: string; readonly value: string };
export type HeaderChange = { readonly name: string; readonly before?: string; readonly after?: string };
export type EndpointView = { readonly address: string; readonly pod?: string };
/** `share`: of the requests, from 0 to 1. */
export type MirrorView = { readonly backend: string; readonly share: number };

/** What the rule does to the endpoint's answer. */
export type ResponseChanges = {
  readonly set: readonly Header[];
  readonly add: readonly Header[];
  readonly remove: readonly string[];
  readonly cors?: string;
};

/** Whether an answer is an error to who gets it. */
export function isError({ status, grpcStatus }: Answered): boolean {
  return status >= 400 || grpcStatus !== undefined;
}

/** `404`, or `200 with grpc-status UNIMPLEMENTED`. */
export function statusWords({ status, grpcStatus }: Status): string {
  return `${status}${grpcStatus === undefined ? '' : ` with grpc-status ${grpcStatus}`}`;
}

type Status = { readonly status: number; readonly grpcStatus?: string | undefined };

/** The same of an answer of the sidecar: `answered 404`. */
export function answerWords(answer: Answered): string {
  return `answered ${statusWords(answer)}`;
}

/** `rule 2 "pay"` */
export function ruleTitle({
  rule,
  ruleName,
}: {
  readonly rule: number;
  readonly ruleName?: string | undefined;
}): string {
  return `rule ${rule}${ruleName === undefined ? '' : ` "${ruleName}"`}`;
}
