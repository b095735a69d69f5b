import { Duplex } from 'node:stream';
import { errorOf } from '../runtime/reason.ts';
import { type Api, ApiError } from './api.ts';
import { encodeFrame, type Frame, FrameReader, opcodes } from './webSocketFrames.ts';

/** A port of a pod, also one on its loopback. */
export type PodPort = { readonly namespace: string; readonly pod: string; readonly port: number };

/** Bytes of the port, and what the kubelet has to say of it. */
const channels = { data: 0, error: 1 } as const;

/** First on each channel comes the number of its port. */
const portBytes = 2;

/**
 * A connection to a port of a pod by way of the API server, as `kubectl port-forward` makes one. Rejects with ApiError where
 * the user may not, or the pod is not there; a port where nobody listens is an error of the connection.
 */
export async function forwardPort(api: Api, { namespace, pod, port }: PodPort, signal?: AbortSignal): Promise<Duplex> {
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/portforward`;
  const request = { path, query: { ports: port }, subprotocol: 'v4.channel.k8s.io' };
  try {
    return new PortConnection(await api.upgrade({ ...request, ...(signal && { signal }) }));
  } catch (error) {
    // How an upgrade was refused is not told; the same without one is, and reaches no pod.
    const refused = await api.request({ path, query: request.query }).catch((cause: unknown) => cause);
    throw refused instanceof ApiError && refused.status !== 400 ? refused : error;
  }
}

class PortConnection extends Duplex {
  readonly #socket: Duplex;
  readonly #reader = new FrameReader();
  readonly #skip = new Map<number, number>([
    [channels.data, portBytes],
    [channels.error, portBytes],
  ]);

  constructor(socket: Duplex) {
    super();
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.push(null));
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(encodeFrame(opcodes.binary, Buffer.concat([Buffer.of(channels.data), chunk])), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    // A half that has ended cannot be told apart from all of it: the answer is still to come.
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #take(bytes: Buffer): void {
    try {
      for (const frame of this.#reader.push(bytes)) this.#takeFrame(frame);
    } catch (error) {
      this.destroy(errorOf(error));
    }
  }

  #takeFrame({ opcode, payload }: Frame): void {
    if (opcode === opcodes.ping) this.#socket.write(encodeFrame(opcodes.pong, payload));
    else if (opcode === opcodes.close) this.push(null);
    else if (opcode === opcodes.binary) this.#takeMessage(payload);
  }

  #takeMessage(message: Buffer): void {
    const channel = message[0] ?? channels.data;
    const skipped = this.#skip.get(channel) ?? 0;
    this.#skip.set(channel, Math.max(0, skipped - (message.length - 1)));
    const said = message.subarray(1 + skipped);
    if (said.length === 0) return;
    if (channel === channels.error) this.destroy(new Error(said.toString().trim()));
    else if (channel === channels.data && !this.push(said)) this.#socket.pause();
  }
}
