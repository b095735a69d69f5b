import test from 'ava';
import { joinChunks } from '../../http1/vectors/pieces.ts';
import { body } from '../../http1/vectors/request/body.ts';
import { fields } from '../../http1/vectors/request/fields.ts';
import { framing } from '../../http1/vectors/request/framing.ts';
import { hopByHop } from '../../http1/vectors/request/hopByHop.ts';
import { hosts } from '../../http1/vectors/request/host.ts';
import { lines } from '../../http1/vectors/request/lines.ts';
import { requestLine } from '../../http1/vectors/request/requestLine.ts';
import { size } from '../../http1/vectors/request/size.ts';
import type { RequestVector } from '../../http1/vectors/requestVector.ts';
import { ask } from '../../peer.ts';
import { routedTo, type SeenHttp2, splitContent, startHttp2Recorder } from './support.ts';

const rules: Readonly<Record<string, readonly RequestVector[]>> = {
  framing,
  lines,
  fields,
  'request line': requestLine,
  host: hosts,
  size,
  'hop by hop': hopByHop,
  body,
};

/** What a server of HTTP/2 has to see where one of HTTP/1.1 sees this; made of the text alone. */
function inHttp2(text: string): SeenHttp2 {
  const headEnd = text.indexOf('\r\n\r\n');
  const [line = '', ...fieldLines] = text.slice(0, headEnd).split('\r\n');
  const [method = '', target = ''] = line.split(' ');
  const [, scheme = 'http', rest] = /^(https?):\/\/[^/?]*(.*)$/i.exec(target) ?? [];
  const path = rest === undefined ? target : rest.replace(/^(?!\/)/, '/');
  const split = fieldLines.map((field): [string, string] => {
    const colon = field.indexOf(':');
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')];
  });
  const host = split.find(([name]) => name === 'host')?.[1] ?? '';
  const left = new Set(['host', 'connection', 'transfer-encoding']);
  const isChunked = split.some(([name]) => name === 'transfer-encoding');
  return {
    fields: [
      `:method: ${method}`,
      `:scheme: ${scheme.toLowerCase()}`,
      `:path: ${path}`,
      `:authority: ${host}`,
      ...sorted(split.filter(([name]) => !left.has(name)).map(([name, value]) => `${name}: ${value}`)),
    ],
    ...splitContent(text.slice(headEnd + 4), isChunked ? 'chunked' : 'none'),
  };
}

/** By name; fields of one name keep their order. */
function sorted(of: readonly string[]): readonly string[] {
  return of.toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : nameOf(one) > nameOf(other) ? 1 : 0));
}

for (const [rule, vectors] of Object.entries(rules)) {
  // An upgrade is asked for in HTTP/1.1, whatever is declared.
  const own = vectors.filter(({ sees = '' }) => !/^upgrade:/im.test(sees));
  test(`h1 to h2, ${rule}: the endpoint sees what one of HTTP/1.1 would, or nothing`, async (t) => {
    const backend = await startHttp2Recorder(t);
    const { sidecar, service } = await routedTo(t, 'http2', backend.port);
    for (const { title, send, status, sees } of own) {
      const answer = await ask(service, send);
      t.is(answer.slice(0, 12), `HTTP/1.1 ${status}`, title);
      t.is(answer.split(/^HTTP\/1.1 /m).length, 2, `${title}: one response`);
      const seen = backend.requests.splice(0).map(inOrder);
      t.deepEqual(seen, sees === undefined ? [] : [inHttp2(joinChunks(sees))], title);
      await sidecar.logged(1);
      const [entry] = sidecar.entries.splice(0);
      t.like(entry, { status, flags: status === 200 ? undefined : 'DPE' }, title);
      if (sees !== undefined) t.is(entry?.['method'], sees.split(' ')[0], title);
      t.deepEqual(await sidecar.leftovers(), [], title);
    }
  });
}

function nameOf(line: string): string {
  return line.slice(0, line.indexOf(':', 1));
}

function inOrder({ fields: all, body: content, trailers }: SeenHttp2): SeenHttp2 {
  return { fields: [...all.slice(0, 4), ...sorted(all.slice(4))], body: content, trailers };
}
