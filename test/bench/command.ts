import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from '../../build/bundle.ts';

// How long the heddle command takes over a folder of 2,000 Services and 2,000 routes: `node test/bench/command.ts`.
const { values } = parseArgs({
  options: { services: { type: 'string', default: '2000' }, rounds: { type: 'string', default: '7' } },
});
const services = Number(values.services);
const perFile = 40;
const folder = mkdtempSync(path.join(tmpdir(), 'heddle-bench-command-'));
try {
  await bundle(path.join(folder, 'dist'), { sourceMap: 'none' });
  writeMesh(path.join(folder, 'mesh'), (index) => (index % 10) * 10);
  writeMesh(path.join(folder, 'new'), (index) => (index === 77 ? 5 : (index % 10) * 10));
  const mesh = path.join(folder, 'mesh');
  time('help', ['help']);
  time('explain', ['explain', 'http://svc-77.ns-1/a/b', '-f', mesh]);
  time('routes', ['routes', 'svc-77.ns-1', '-f', mesh]);
  time('diff, one weight changed', ['diff', '--base', mesh, '-f', path.join(folder, 'new')]);
} finally {
  rmSync(folder, { recursive: true });
}

function time(what: string, words: readonly string[]): void {
  const took: number[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const start = performance.now();
    const ran = spawnSync(process.execPath, [path.join(folder, 'dist/commands.mjs'), ...words], { encoding: 'utf8' });
    took.push(performance.now() - start);
    if (ran.status === null || ran.status > 1) throw new Error(ran.stderr);
  }
  took.sort((one, other) => one - other);
  const median = took[took.length >> 1] ?? 0;
  console.log(`${what.padEnd(28)}${median.toFixed(0).padStart(6)} ms (best ${(took[0] ?? 0).toFixed(0)})`);
}

function writeMesh(target: string, weightOf: (index: number) => number): void {
  mkdirSync(target);
  for (let first = 0; first < services; first += perFile) {
    const texts = Array.from({ length: Math.min(perFile, services - first) }, (_, at) =>
      printService(first + at, weightOf(first + at)),
    );
    writeFileSync(path.join(target, `ns-${first / perFile}.yaml`), texts.join(''));
  }
}

/** A Service and its route as people write them. */
function printService(index: number, weight: number): string {
  const namespace = `ns-${Math.floor(index / perFile)}`;
  const other = Math.floor(index / perFile) * perFile + ((index + 1) % perFile);
  return `---
apiVersion: v1
kind: Service
metadata:
  name: svc-${index}
  namespace: ${namespace}
  labels:
    app: svc-${index}
spec:
  selector:
    app: svc-${index}
  ports:
    - name: http
      port: 80
      targetPort: 8080
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: route-${index}
  namespace: ${namespace}
spec:
  parentRefs:
    - group: ''
      kind: Service
      name: svc-${index}
  rules:
    - name: api
      matches:
        - path:
            type: PathPrefix
            value: /api/${index}
          headers:
            - name: x-user
              value: tester
      backendRefs:
        - name: svc-${other}
          port: 80
    - backendRefs:
        - name: svc-${index}
          port: 80
          weight: 100
        - name: svc-${other}
          port: 80
          weight: ${weight}
`;
}
