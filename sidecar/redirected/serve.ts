import { Accepted } from '../../proxy/serve/accepted.ts';
import type { Settling } from '../../proxy/table/settling.ts';
import type { Connection } from '../../proxy/socket/connection.ts';
import { RedirectedContext } from './context.ts';
import type { Path } from './path.ts';
import type { TransparentRole } from './role.ts';

/** Serves a redirected connection, as soon as the agent has said what is known of where it goes; the wait for that is limited. */
export function serveRedirected(connection: Connection, path: Path, role: TransparentRole): void {
  const accepted = new Accepted(connection, new RedirectedContext(path, role), role.engine);
  const awaited = findAwaited(path, role);
  if (awaited === undefined) return accepted.begin();
  connection.pause();
  awaited.whenSettled(role.discoveryWaitMs, () => {
    if (connection.closed) return;
    connection.resume();
    accepted.begin();
  });
}

function findAwaited(
  { direction, destination }: Path,
  role: TransparentRole,
): Pick<Settling, 'whenSettled'> | undefined {
  if (!role.agentConnected()) return undefined;
  if (direction === 'outbound') return destination?.state === 'pending' ? destination : undefined;
  const { arrival } = role.inbound;
  return arrival.settled ? undefined : arrival;
}
