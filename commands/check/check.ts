import { some } from '../output/words.ts';
import { checkBefore } from './before.ts';
import { checkGatewayApi, checkKubernetes, checkPlatforms } from './cluster.ts';
import { type Facts, withoutGoing } from './facts.ts';
import { type Finding } from './finding.ts';
import { checkInstallation } from './installation.ts';
import { checkLease } from './lease.ts';
import { checkNamespaces, checkPods, checkPodSecurity, checkServiceLinks } from './pods.ts';
import { checkRoutes } from './routes.ts';
import { checkServices } from './services.ts';
import { checkTrust } from './trust.ts';

/** How a mesh stands, in the order in which one thing needs the other. */
export function checkMesh(facts: Facts): readonly Finding[] {
  const checks = [
    checkKubernetes,
    checkGatewayApi,
    checkInstallation,
    checkTrust,
    checkLease,
    checkNamespaces,
    checkPods,
    checkServiceLinks,
    checkRoutes,
    checkServices,
    checkRefused,
  ];
  const staying = withoutGoing(facts);
  return checks.flatMap((check) => check(staying));
}

/** Whether a cluster is ready for an installation. */
export function checkCluster(facts: Facts): readonly Finding[] {
  return [
    ...checkKubernetes(facts),
    ...checkGatewayApi(facts),
    ...checkPlatforms(facts),
    ...checkPodSecurity(facts.namespaces ?? []),
    ...checkBefore(facts),
    ...checkRefused(facts),
  ];
}

function checkRefused({ refused }: Facts): readonly Finding[] {
  if (refused.length === 0) return [];
  return [
    {
      check: 'rights',
      level: 'warning',
      what: `you may not read ${some(refused, 10)}`,
      why: 'what depends on them was left out above',
      mend: ['have somebody bind you the roles of a cluster operator: docs/roles.md'],
    },
  ];
}
