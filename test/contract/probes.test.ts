import test from 'ava';
import { probedPort, tcpProbePath } from '../../contract/probes.ts';

test('a path that asks about a port is read as it is written', (t) => {
  t.is(probedPort(tcpProbePath(8080)), '8080');
  for (const other of ['/ready', '/probe/tcp/', '/probe/tcp/123456', '/probe/tcp/80/', '/probe/udp/80']) {
    t.is(probedPort(other), undefined, other);
  }
});
