import net from 'node:net';
import { probedPort } from '../contract/probes.ts';
import { sourceAddress } from '../contract/sourceAddress.ts';
import { podVariables } from '../contract/variables.ts';
import { waitForSilence } from '../proxy/socket/patience.ts';
import { answersOnly, type Reply, type ReplyTo } from '../runtime/httpServer.ts';

/** Below the second that a probe waits by default, so that the kubelet reads why. */
const timeoutMs = 900;

/**
 * Answers `GET /probe/tcp/<port>` for probes that ask whether the application accepts connections: 200 when it does,
 * else 503 with the reason. It is asked at the address that the kubelet called, the pod's own, and from the address
 * that the redirect rules let pass. Only `ports` may be asked about. `undefined`: another path.
 */
export function answerProbes(
  ports: ReadonlySet<number>,
): (request: Parameters<ReplyTo>[0]) => Promise<Reply> | undefined {
  return ({ method, path: asked, localAddress }) => {
    const text = probedPort(asked);
    if (text === undefined) return undefined;
    if (method !== 'GET' && method !== 'HEAD') {
      return Promise.resolve(answersOnly(['GET'], asked));
    }
    if (!ports.has(Number(text))) {
      return Promise.resolve({ status: 404, body: `Port ${text} is not in ${podVariables.probePorts}.\n` });
    }
    return probe(localAddress, Number(text));
  };
}

async function probe(address: string, port: number): Promise<Reply> {
  const place = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const reason = await connect(address, port);
  if (reason === undefined) return { status: 200, body: 'ok\n' };
  return { status: 503, body: `The application does not accept connections at ${place}: ${reason}.\n` };
}

/** Resolves with why the connection did not come about, undefined when it did; it is closed at once. */
function connect(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, localAddress: sourceAddress[host.includes(':') ? 6 : 4] });
    const stopWaiting = waitForSilence(timeoutMs, () => finish(`no answer within ${timeoutMs} ms`));
    const finish = (reason: string | undefined): void => {
      stopWaiting();
      socket.destroy();
      resolve(reason);
    };
    socket.once('connect', () => finish(undefined));
    socket.once('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
  });
}
