import { backendPorts, cores, onCore } from '../ground.ts';
import type { Candidate } from './candidate.ts';

const address = '10.96.1.30';
const ownPort = 9105;

/** A throwaway program that shows what Node could do: it listens on 127.0.0.1:$PORT and forwards to 127.0.0.1:$UP. */
export function ceilingCandidate(file: string): Candidate {
  return {
    name: 'ceiling program, no log',
    needs: {},
    async start(ground) {
      const { pid } = ground.namespace.start({
        command: onCore(cores.proxy, [process.execPath, file]),
        env: { PORT: String(ownPort), UP: String(backendPorts.http), IO: 'onread' },
      });
      await ground.redirect({ address, port: 80 }, ownPort);
      return { pid, address, port: 80 };
    },
  };
}
