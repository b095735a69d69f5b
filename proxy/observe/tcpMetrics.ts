import type { ObjectName } from '../../routing/model.ts';
import type { Outcome } from './accessLog.ts';
import { Bytes, Connections } from './accumulate.ts';
import type { Family, Sample } from './exposition.ts';
import { parentLabels } from './labels.ts';
import { boundedSeries, type Series } from './series.ts';

/** Counts the connections of one label set; every `opened` is followed by one `closed`. `failed`: it never came about. */
export type ConnectionMetrics = { opened(): void; closed(outcome: Outcome): void; failed(outcome: Outcome): void };

/** TCP metrics; `outbound` and `inbound` are called once per label set and their result kept. */
export type TcpMetrics = {
  /** Without a Service: what passes through to an unknown destination. */
  outbound(service: (ObjectName & { readonly port: number }) | undefined): ConnectionMetrics;
  inbound(port: number): ConnectionMetrics;
  readonly families: readonly Family[];
};

class Tcp {
  readonly connections = new Connections();
  readonly bytes = new Bytes();
}

/** Connections that are not taken apart into requests. */
export function createTcpMetrics(limit: number): TcpMetrics {
  const outbound = boundedSeries(limit, () => new Tcp());
  const inbound = boundedSeries(limit, () => new Tcp());
  return {
    outbound: (service) => {
      const tcp = outbound.get(parentLabels({ parent: service }));
      return counter({ make: () => tcp, find: () => tcp });
    },
    inbound(port) {
      const labels = { target_port: String(port) };
      // Anybody may try any port: only one that was reached gets a series.
      return counter({ make: () => inbound.get(labels), find: () => inbound.find(labels) });
    },
    families: [...tcpFamilies('outbound_tcp', outbound), ...tcpFamilies('inbound_tcp', inbound)],
  };
}

function counter(series: { readonly make: () => Tcp; readonly find: () => Tcp | undefined }): ConnectionMetrics {
  return {
    opened() {
      series.make().connections.open++;
    },
    closed(outcome) {
      const { connections, bytes } = series.make();
      connections.open--;
      connections.ended.add(0, outcome.flag);
      bytes.add(outcome.bytesIn, outcome.bytesOut);
    },
    failed(outcome) {
      series.find()?.connections.ended.add(0, outcome.flag);
    },
  };
}

function tcpFamilies(prefix: string, series: Series<Tcp>): readonly Family[] {
  const plain = (name: string, help: string, value: (tcp: Tcp) => number): Family => ({
    name: `${prefix}_${name}`,
    help,
    type: name.endsWith('_total') ? 'counter' : 'gauge',
    *read(): Iterable<Sample> {
      for (const [labels, tcp] of series.all()) yield { labels, value: value(tcp) };
    },
  });
  return [
    plain('open_connections', 'Connections open now', (tcp) => tcp.connections.open),
    plain('received_bytes_total', 'Bytes from the client', (tcp) => tcp.bytes.received),
    plain('sent_bytes_total', 'Bytes to the client', (tcp) => tcp.bytes.sent),
    {
      name: `${prefix}_closed_connections_total`,
      help: 'Connections that ended; error is the flag of the access log',
      type: 'counter',
      *read(): Iterable<Sample> {
        for (const [labels, { connections }] of series.all()) {
          for (const { flag, count } of connections.ended.all()) {
            yield { labels: { ...labels, error: flag ?? '' }, value: count };
          }
        }
      },
    },
  ];
}
