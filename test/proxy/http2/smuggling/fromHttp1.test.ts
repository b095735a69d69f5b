import test from 'ava';
import { startBackend } from '../../backend.ts';
import { joinChunks } from '../../http1/vectors/pieces.ts';
import { body } from '../../http1/vectors/response/body.ts';
import { fields } from '../../http1/vectors/response/fields.ts';
import { malformed } from '../../http1/vectors/response/malformed.ts';
import { wellFormed } from '../../http1/vectors/response/wellFormed.ts';
import type { ResponseVector } from '../../http1/vectors/responseVector.ts';
import { asField, blockOf, connectClient, headFrames, routedTo, splitContent, type StreamEnd } from './support.ts';

const rules: Readonly<Record<string, readonly ResponseVector[]>> = {
  malformed,
  'well-formed': wellFormed,
  fields,
  body,
};

/** What a client of HTTP/2 has to get where one of HTTP/1.1 gets this; made of the text alone. */
function inHttp2(text: string, isHead: boolean): Omit<StreamEnd, 'reset'> {
  const interim: (readonly string[])[] = [];
  let rest = text;
  for (;;) {
    const headEnd = rest.indexOf('\r\n\r\n') + 4;
    const head = rest.slice(0, headEnd);
    const [line = '', ...fieldLines] = head.slice(0, -4).split('\r\n');
    const status = Number(line.split(' ')[1]);
    const own = fieldLines.map(asField).filter((field) => !/^(?:connection|transfer-encoding|keep-alive):/.test(field));
    if (status < 200) {
      interim.push([`:status: ${status}`, ...own]);
      rest = rest.slice(headEnd);
      continue;
    }
    const content = joinChunks(rest).slice(headEnd);
    const isChunked = /^transfer-encoding:/im.test(head) && !isHead;
    return { status, interim, fields: own, ...splitContent(content, isChunked ? 'chunked' : 'none') };
  }
}

for (const [rule, vectors] of Object.entries(rules)) {
  // What HTTP/1.0 is told, and upgrades, no client of HTTP/2 asks for.
  const own = vectors.filter(({ request }) => !/ HTTP\/1\.0\r\n|^upgrade:|^expect:/im.test(request));
  test(`h1 to h2, responses, ${rule}: the client gets what one of HTTP/1.1 would, or 502`, async (t) => {
    for (const { title, reply, stays, request, gets } of own) {
      const backend = await startBackend(t, (peer) => {
        let answered = false;
        peer.socket.on('data', () => {
          if (answered || !peer.text.includes('\r\n\r\n')) return;
          answered = true;
          peer.write(reply);
          if (!stays) peer.end();
        });
        peer.socket.on('end', () => peer.end());
      });
      const { sidecar, service } = await routedTo(t, 'http1', backend.port);
      const client = await connectClient(t, service);
      const method = request.split(' ')[0] ?? '';
      const head = blockOf([
        [':method', method],
        [':scheme', 'http'],
        [':authority', 'x'],
        [':path', '/a'],
      ]);
      client.peer.write(headFrames(1, head, 1));
      const { reset, ...end } = await client.ended(1);
      const [entry] = await sidecar.logged(1);
      if (gets === undefined) {
        t.true(end.status === 502 || reset !== undefined, title);
        t.is(entry?.['flags'], 'UPE', title);
        t.is(backend.peers.length, 1, title);
      } else {
        t.is(reset, undefined, title);
        t.deepEqual(end, inHttp2(gets, method === 'HEAD'), title);
        t.is(entry?.['flags'], undefined, title);
        t.is(entry?.['status'], end.status, title);
      }
      client.peer.end();
      t.deepEqual(await sidecar.leftovers(), [], title);
      await backend.close();
    }
  });
}
