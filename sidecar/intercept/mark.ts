import { closeFd, openSocket, setSocketOption } from '../../proxy/libc.ts';
import type { Family } from './rules.ts';

const domains = { 4: 2, 6: 10 } as const satisfies Record<Family, number>;
const sockStreamNonblockCloexec = 0x1 | 0o4000 | 0o2000000;
const solSocket = 1;
const soMark = 36;

/**
 * A fresh TCP socket that carries the firewall mark, for `dial`: the connection owns the fd from then on. Throws EPERM without CAP_NET_ADMIN in the pod.
 */
export function markedSocketFd(family: Family, mark: number): number {
  const fd = openSocket(domains[family], sockStreamNonblockCloexec);
  try {
    setSocketOption({ fd, level: solSocket, option: soMark }, mark | 0);
    return fd;
  } catch (error) {
    closeFd(fd);
    throw new Error(`SO_MARK ${mark} is refused: give the sidecar CAP_NET_ADMIN, or unset HEDDLE_SIDECAR_MARK`, {
      cause: error,
    });
  }
}
