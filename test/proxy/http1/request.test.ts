import test from 'ava';
import { startOkBackend } from '../backend.ts';
import { setUp } from '../harness.ts';
import { ask, connect } from '../peer.ts';

test('a head in two pieces, cut anywhere, gives what it gives in one', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t);
  const port = await sidecar.straight(backend.port);
  const heads = [
    '\r\nPOST /a?b HTTP/1.1\r\nHost: x\r\nA:  b \r\nConnection: c\r\nC: d\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: u\r\n\r\n',
    'POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc',
  ];
  for (const head of heads) {
    await ask(port, head);
    const [whole] = backend.requests.splice(0);
    for (let cut = 1; cut < head.length; cut++) {
      const peer = await connect(port);
      peer.write(head.slice(0, cut));
      await new Promise((resolve) => setTimeout(resolve, 2));
      peer.write(head.slice(cut));
      peer.end();
      await peer.over();
      t.regex(peer.text, /^(?:HTTP\/1.1 102 Processing\r\n\r\n)?HTTP\/1.1 200/, `cut at ${cut}`);
      const seen = backend.requests.splice(0);
      t.is(seen.length, 1);
      t.is(seen[0]?.head, whole?.head);
      t.is(
        seen[0]?.body.replace('1\r\na\r\n2\r\nbc', '3\r\nabc').replace('2\r\nab\r\n1\r\nc', '3\r\nabc'),
        whole?.body,
      );
    }
  }
  t.deepEqual(backend.problems, []);
  t.deepEqual(await sidecar.leftovers(), []);
});
