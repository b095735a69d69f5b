import test from 'ava';
import { pino } from 'pino';
import { createConfiguration } from '../../agent/configuration.ts';
import { parseFile } from '../../agent/files/parse.ts';
import { Store } from '../../agent/store.ts';
import { startServer } from './discovery/fixture.ts';

const service = (port: number): string => `
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { clusterIP: 10.96.0.1, ports: [{ name: http, port: ${port} }] }`;

const slice = (address: string): string => `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: web-1, namespace: shop, labels: { kubernetes.io/service-name: web } }
addressType: IPv4
ports: [{ name: http, port: 8080 }]
endpoints: [{ addresses: [${address}] }]`;

test('people are told of changed routing; pods that come and go are said at debug only', async (t) => {
  const { server } = await startServer(t);
  const told: string[] = [];
  const write = (line: string): void => {
    const { level, message } = JSON.parse(line) as { readonly level: string; readonly message: string };
    told.push(`${level} ${message}`);
  };
  const formatters = { level: (level: string) => ({ level }) };
  const log = pino({ level: 'debug', messageKey: 'message', formatters }, { write });
  const store = new Store();
  const configure = createConfiguration({ log, server });
  const apply = (yaml: string): void => {
    const parsed = parseFile(yaml);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    for (const { object } of parsed.objects) store.apply({ type: 'applied', object });
    configure(store.objects, { names: store.takeChanged(), events: 1, objects: [], complete: true, heldMs: 0 });
  };
  apply(service(80));
  apply(slice('10.1.0.1'));
  apply(slice('10.1.0.2'));
  apply(slice('10.1.0.2'));
  apply(service(81));
  t.deepEqual(told, [
    'info Configuration applied',
    'debug Endpoints applied',
    'debug Endpoints applied',
    'debug Configuration unchanged',
    'info Configuration applied',
  ]);
});
