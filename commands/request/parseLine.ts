import { fieldsOf, numberOf, textOf } from '../../runtime/json.ts';
import { CannotLook } from '../cannotLook.ts';

/** What a line of a sidecar's log says of a request. */
export type LogLine = {
  readonly method: string;
  readonly path: string;
  /** `namespace/name`. */
  readonly service: string;
  readonly port: number;
  readonly status: number;
  /** Of a request of gRPC. */
  readonly grpcStatus: string | undefined;
  readonly route: string | undefined;
  readonly rule: number | undefined;
  readonly matched: string | undefined;
  readonly backend: string | undefined;
  readonly flags: string | undefined;
  readonly reason: string | undefined;
  readonly revision: string | undefined;
};

/** Whether a word is a line of a log rather than a URL. */
export function isLine(word: string): boolean {
  return word.trimStart().startsWith('{');
}

/** Reads a line about a request that a pod sent. Throws CannotLook for any other, with which one to take. */
export function parseLine(text: string): LogLine {
  const fields = fieldsOf(parseJson(text));
  if (textOf(fields, 'message') !== 'request')
    throw new CannotLook('the line is not about a request; take one that has "message":"request"');
  if (textOf(fields, 'direction') !== 'outbound')
    throw new CannotLook(
      "the line is of the called pod's sidecar, where no route applies; take that of the pod that called",
    );
  const [, service, port] = /^(.+):(\d+)$/.exec(textOf(fields, 'service') ?? '') ?? [];
  if (service === undefined || port === undefined)
    throw new CannotLook('the line names no Service: what was called is none, and the connection passed through to it');
  return {
    method: textOf(fields, 'method') ?? 'GET',
    path: textOf(fields, 'path') ?? '/',
    service,
    port: Number(port),
    status: numberOf(fields, 'status') ?? 0,
    grpcStatus: textOf(fields, 'grpcStatus'),
    route: textOf(fields, 'route'),
    rule: numberOf(fields, 'rule'),
    matched: textOf(fields, 'matched'),
    backend: textOf(fields, 'backend'),
    flags: textOf(fields, 'flags'),
    reason: textOf(fields, 'reason'),
    revision: textOf(fields, 'revision'),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CannotLook(
      'the line is no JSON; quote the whole line as one word, or give - and send it to standard input',
      {
        cause: error,
      },
    );
  }
}
