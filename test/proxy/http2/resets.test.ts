import test from 'ava';
import { askHttp2 } from './clients.ts';
import { data, endHeaders, frame, headers, okBlock, rstStream, uint32 } from './raw.ts';
import { setUpService, startRaw } from './rawServer.ts';

const call = { ':method': 'POST', te: 'trailers', 'content-type': 'application/grpc' };

for (const { code, status } of [
  { code: 1, status: '13' },
  { code: 2, status: '13' },
  { code: 5, status: '14' },
  { code: 7, status: '14' },
  { code: 8, status: '1' },
  { code: 11, status: '8' },
  { code: 77, status: '14' },
])
  test(`An RPC whose stream a server resets with the code ${code} ends with the status ${status}`, async (t) => {
    let requests = 0;
    const backend = await startRaw(t, (peer, id) => {
      if (requests++ === 0) {
        peer.write(frame(headers, endHeaders, id, okBlock));
        peer.write(frame(data, 0, id, 'half'));
      }
      peer.write(frame(rstStream, 0, id, uint32(code)));
    });
    const { sidecar, session } = await setUpService(t, [backend]);
    const within = await askHttp2(session, call, 'x');
    t.is((within.trailers ?? within.headers)['grpc-status'], status);
    t.like(await askHttp2(session, call, 'x'), { headers: { 'grpc-status': status } });
    t.true((await sidecar.logged(2)).every(({ flags }) => flags === 'UC'));
    session.close();
    t.deepEqual(await sidecar.leftovers(), []);
  });
