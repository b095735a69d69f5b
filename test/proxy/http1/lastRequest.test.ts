import test from 'ava';
import { startOkBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import { connect } from '../peer.ts';

const requests: Readonly<Record<string, string>> = {
  'a request with Connection: close': 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  'a request of HTTP/1.0': 'GET / HTTP/1.0\r\n\r\n',
  'a body behind Connection: close': 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody',
};

for (const [what, request] of Object.entries(requests)) {
  for (const [how, further] of [
    ['', ''],
    [', though an empty line follows', '\r\n'],
    [', though another request follows', 'GET /never HTTP/1.1\r\nHost: x\r\n\r\n'],
  ] as const) {
    test(`${what} is answered whole, and the connection ends with a FIN though its client has not ended it${how}`, async (t) => {
      const backend = await startOkBackend(t);
      const sidecar = setUp(t);
      sidecar.apply(routingSample(), endpointsOf('cart', readyEndpoint(backend.port)));
      const client = await connect(await sidecar.service());
      client.write(request + further);
      t.is(await client.over(), 'fin');
      if (further === '') t.is(sidecar.engine.connections.size, 0, 'nothing more is waited for');
      t.regex(client.text, /^HTTP\/1\.1 200 OK\r\n[^]*ok$/);
      t.is(sidecar.entries.length, 1);
      client.end();
      t.deepEqual(await sidecar.leftovers(), []);
    });
  }
}
