import { destinationName, type Endpoint } from '../../routing/model.ts';
import { endpointFragment } from '../observe/fragment.ts';
import type { Connection } from '../socket/connection.ts';
import { dial, type DialTarget, type SocketMaker } from '../socket/dial.ts';
import type { ConnectionsByProtocol } from './connections.ts';
import { UpstreamEndpoint } from './endpoint.ts';
import { longestIdle } from './idle.ts';

/** Hears that a group leaves out an endpoint that fails again and again, or tries it again. */
export type OnLeftOut = (group: string, upstream: UpstreamEndpoint, isLeftOut: boolean) => void;

type Entry = { readonly upstream: UpstreamEndpoint; users: number };

/**
 * Every endpoint that requests go to, one for each address, port and source address, shared by all that refer to it.
 * One that nobody refers to any more lets its connections go when their requests are done.
 */
export class UpstreamRegistry {
  private readonly entries = new Map<string, Entry>();
  private readonly protocols: ConnectionsByProtocol;
  private readonly makeSocket: SocketMaker | undefined;
  readonly onLeftOut: OnLeftOut;
  readonly ejections = { changes: 0 };
  private readonly opened = { open: 0 };
  private readonly mostDialled: number;

  /** With `mostDialled` connections, of requests and of tunnels, one that is idle makes room for each further one. */
  constructor(
    protocols: ConnectionsByProtocol,
    makeSocket: SocketMaker | undefined,
    onLeftOut: OnLeftOut = () => undefined,
    mostDialled = Infinity,
  ) {
    this.mostDialled = mostDialled;
    this.protocols = protocols;
    this.makeSocket = makeSocket;
    this.onLeftOut = onLeftOut;
  }

  acquire(endpoint: Endpoint, localAddress?: string): UpstreamEndpoint {
    const key = keyOf(endpoint, localAddress);
    let entry = this.entries.get(key);
    if (entry === undefined) {
      entry = { upstream: this.create(endpoint, localAddress), users: 0 };
      this.entries.set(key, entry);
    }
    entry.users++;
    return entry.upstream;
  }

  release(upstream: UpstreamEndpoint, localAddress?: string): void {
    const key = keyOf(upstream.endpoint, localAddress);
    const entry = this.entries.get(key);
    if (entry === undefined || --entry.users > 0) return;
    this.entries.delete(key);
    upstream.retire();
  }

  get size(): { readonly endpoints: number; readonly connections: number; readonly outliers: number } {
    let connections = 0;
    let outliers = 0;
    for (const { upstream } of this.entries.values()) {
      connections += upstream.open;
      if (upstream.outlier.state !== 'In') outliers++;
    }
    return { endpoints: this.entries.size, connections, outliers };
  }

  protected dial(target: DialTarget, onConnect: () => void): Connection {
    if (this.opened.open >= this.mostDialled) this.dropLongestIdle();
    return dial(target, this.makeSocket, onConnect, this.opened);
  }

  private dropLongestIdle(): void {
    longestIdle(Array.from(this.entries.values(), ({ upstream }) => upstream.places.longestIdle()))?.drop();
  }

  private create(endpoint: Endpoint, localAddress: string | undefined): UpstreamEndpoint {
    const { address, port, pod } = endpoint;
    const target = { address, port, ...(localAddress === undefined ? {} : { localAddress }) };
    return new UpstreamEndpoint({
      endpoint,
      logFragment: endpointFragment({ endpoint: destinationName(address, port), pod }),
      dial: (onConnect) => this.dial(target, onConnect),
      protocols: this.protocols,
      random: Math.random,
      onOutlier: () => {
        this.ejections.changes++;
      },
    });
  }
}

// With the pod: one that got the address of another is measured anew.
function keyOf({ address, port, pod }: Endpoint, localAddress: string | undefined): string {
  return `${destinationName(address, port)} ${localAddress ?? ''} ${pod ?? ''}`;
}
