import test from 'ava';
import type { RequestHead } from '../../../../proxy/message/head.ts';
import { startOkBackend } from '../../backend.ts';
import { joinChunks } from '../../http1/vectors/pieces.ts';
import { requestVectors } from '../vectors/requests.ts';
import { allRefusals, type HeadVector } from '../vectors/requestVector.ts';
import { after, blockOf, connectClient, headFrames, lastData, routedTo } from './support.ts';

const seenAfter = 'GET /after HTTP/1.1\r\nHost: x\r\n\r\n';
const noError = 0;
const protocolError = 1;

/** What a strict reader of HTTP/1.1 has to see, written by the table alone. */
function expected({ verdict, body }: HeadVector, content: string): string {
  if ('refused' in verdict) return '';
  const { method = 'GET', authority = 'x', path = '/a', query, bodyLength = 0, explicitLength } = headOf(verdict.head);
  const target = query === undefined ? path : `${path}?${query}`;
  // What our programs say to each other goes no further, and who may index what is nothing to HTTP/1.1.
  const lines = verdict.lines
    .filter((line) => !line.startsWith('heddle-'))
    .map((line) => `${line.replace(/^!/, '')}\r\n`);
  const head = `${method} ${target} HTTP/1.1\r\nHost: ${authority}\r\n${lines.join('')}`;
  if (body === 'follows' && bodyLength === -1)
    return joinChunks(`${head}Transfer-Encoding: chunked\r\n\r\n${chunked(content)}`);
  const hasLength = explicitLength === true || method === 'POST';
  return `${head}${hasLength ? `Content-Length: ${bodyLength}\r\n` : ''}\r\n${content}`;
}

function headOf(head: Readonly<Record<string, unknown>>): Partial<RequestHead> {
  return head;
}

// gRPC goes on by HTTP/2 whatever is declared.
const isRPC = ({ fields }: HeadVector): boolean => fields.some(([, value]) => value.startsWith('application/grpc'));

// Tunnels are no requests to an endpoint that answers all alike: tunnels.test.ts.
const isTunnel = ({ verdict }: HeadVector): boolean => 'head' in verdict && headOf(verdict.head).upgrade !== undefined;

const chunked = (content: string): string =>
  `${content === '' ? '' : `${content.length.toString(16)}\r\n${content}\r\n`}0\r\n\r\n`;

function contentOf({ verdict, body }: HeadVector): string {
  if (body === 'none' || 'refused' in verdict) return '';
  const { bodyLength } = headOf(verdict.head);
  return bodyLength === 0 || bodyLength === undefined ? '' : 'abcde';
}

for (const [rule, vectors] of Object.entries(requestVectors)) {
  test(`h2 to h1, ${rule}: the endpoint sees what the log says, or nothing`, async (t) => {
    const backend = await startOkBackend(t);
    const { sidecar, service } = await routedTo(t, 'http1', backend.port);
    for (const vector of vectors.filter((one) => !isRPC(one) && !isTunnel(one))) {
      const { title, fields, body, verdict } = vector;
      const client = await connectClient(t, service);
      const content = contentOf(vector);
      client.peer.write(headFrames(1, blockOf(fields), body === 'none' ? 1 : 0));
      if (body === 'follows') client.peer.write(lastData(1, content));
      const end = await client.ended(1);
      client.peer.write(after(3));
      t.like(await client.ended(3), { status: 200, body: 'ok' }, `${title}: the connection goes on`);
      const refusal = 'refused' in verdict ? allRefusals[verdict.refused] : undefined;
      const seen = backend.requests.splice(0).map((request) => joinChunks(request.head + request.body));
      t.deepEqual(seen, refusal === undefined ? [expected(vector, content), seenAfter] : [seenAfter], title);
      t.deepEqual(backend.problems.splice(0), [], title);
      t.is(end.status, refusal === undefined ? 200 : refusal.status === 400 ? 0 : refusal.status, title);
      // What is answered before its body has come is ended without an error (RFC 9113 section 8.1).
      const early = body === 'follows' && refusal !== undefined ? noError : undefined;
      t.is(end.reset, refusal?.status === 400 ? protocolError : early, title);
      await sidecar.logged(2);
      const [entry] = sidecar.entries.splice(0);
      t.like(entry, { status: refusal?.status ?? 200, flags: refusal?.flag }, title);
      if (!('refused' in verdict)) {
        const { method = 'GET', path = '/a' } = headOf(verdict.head);
        t.like(
          entry,
          {
            method,
            path: path.length > 2048 ? `${path.slice(0, 2048)}...[cut]` : path,
          },
          title,
        );
      }
      client.peer.end();
      t.deepEqual(await sidecar.leftovers(), [], title);
    }
  });
}
