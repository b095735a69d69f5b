import test from 'ava';
import { logFiles } from '../../../agent/files/report.ts';
import { createLog } from '../../../runtime/log.ts';

test('a kind that is ignored is told once, with the first file that has it', (t) => {
  const told: unknown[] = [];
  const write = (line: string): void => void told.push(JSON.parse(line));
  const report = logFiles('/config', createLog('agent', 'info', { write, writeAscii() {}, flushSync() {} }));
  report.ignored('a.yaml', 'apps/v1 Deployment');
  report.ignored('b.yaml', 'apps/v1 Deployment');
  report.ignored('b.yaml', 'gateway.networking.k8s.io/v1 Gateway');
  t.like(told, {
    length: 2,
    0: { file: '/config/a.yaml', kind: 'apps/v1 Deployment' },
    1: { file: '/config/b.yaml', kind: 'gateway.networking.k8s.io/v1 Gateway' },
  });
});
