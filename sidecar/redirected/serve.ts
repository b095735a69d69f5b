import { Accepted } from '../../proxy/serve/accepted.ts';
import type { Connection } from '../../proxy/socket/connection.ts';
import { RedirectedContext } from './context.ts';
import type { Path } from './path.ts';
import type { TransparentRole } from './role.ts';

/** Serves a redirected connection, as soon as the agent has said what its destination is; the wait for that is limited. */
export function serveRedirected(connection: Connection, path: Path, role: TransparentRole): void {
  const accepted = new Accepted(connection, new RedirectedContext(path, role), role.engine);
  const { destination } = path;
  if (destination?.state !== 'pending' || !role.agentConnected()) return accepted.begin();
  connection.pause();
  destination.whenSettled(role.discoveryWaitMs, () => {
    if (connection.closed) return;
    connection.resume();
    accepted.begin();
  });
}
