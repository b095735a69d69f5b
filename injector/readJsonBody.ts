import type { IncomingMessage } from 'node:http';
import type { HeldBody } from './bodyBudget.ts';

/** An object of the API is 1.5 MiB at most (etcd's limit); an AdmissionReview may hold two. */
const mostBytes = 4_194_304;

type Read =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly status: number; readonly message: string };

const givenUp = { ok: false, status: 503, message: 'too many bodies wait to be complete: send it again' } as const;
const tooLarge = { ok: false, status: 413, message: `the body is larger than ${mostBytes} bytes` } as const;

/** The JSON body of a request, 4 MiB at most; its bytes are counted in `held`. */
export async function readJsonBody(request: IncomingMessage, held: HeldBody): Promise<Read> {
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) return tooLarge;
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // Not left by a return, which would destroy the connection before it has its answer.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      bytes += (chunk as Buffer).length;
      if (bytes > mostBytes) return tooLarge;
      if (!held.add((chunk as Buffer).length)) return givenUp;
      chunks.push(chunk as Buffer);
    }
  } catch {
    return { ok: false, status: 400, message: 'the connection was lost before the body was complete' };
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return { ok: true, value };
  } catch {
    return { ok: false, status: 400, message: 'the body is not JSON: send an AdmissionReview' };
  }
}
