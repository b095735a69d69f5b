import { agentName } from '../../contract/objects.ts';
import { readLease } from '../../kubernetes/leaseObject.ts';
import type { Facts } from './facts.ts';
import { type Finding, good } from './finding.ts';
import { underServices } from './routes.ts';

/** The clocks of this machine and of the nodes may differ by so much. */
const clocksMs = 60_000;

/** Whether an agent writes statuses: the one that holds the Lease. */
export function checkLease({ lease, agents, routes = [], nowMs, namespace, refused }: Facts): readonly Finding[] {
  if (agents === undefined || (lease === undefined && refused.some((one) => one.startsWith('Lease')))) return [];
  const check = 'statuses';
  const mend = [`kubectl -n ${namespace} logs -l app.kubernetes.io/name=${agentName} --tail 20`];
  const { holder, renewTime = '', durationMs = 15_000 } = readLease(lease);
  const [pod = ''] = holder.split('_');
  if (holder === '') {
    // Only an agent that has something to say stands for election.
    if (underServices(routes).length === 0)
      return [good(check, 'there are no routes under Services, so no agent has to write any')];
    const why = `no agent holds the Lease ${agentName}`;
    return [{ check, level: 'bad', what: 'no agent writes them', why, mend }];
  }
  if (nowMs - Date.parse(renewTime) < durationMs + clocksMs) return [good(check, `written by ${pod}`)];
  const why = `${pod} holds the Lease ${agentName} and has not renewed it since ${renewTime}`;
  return [{ check, level: 'bad', what: 'no agent writes them', why, mend }];
}
