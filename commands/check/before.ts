import { some } from '../output/words.ts';
import type { Facts } from './facts.ts';
import { type Finding, good } from './finding.ts';

/** Whether the user may install the mesh, and nothing is in the way. */
export function checkBefore({ rights, agents, injectors, webhook, namespace }: Facts): readonly Finding[] {
  const missing = rights.filter(({ isAllowed }) => !isAllowed).map(({ what }) => what);
  const isThere = agents !== undefined || injectors !== undefined || webhook !== undefined;
  return [
    missing.length === 0
      ? good('rights', 'all that an installation takes')
      : {
          check: 'rights',
          level: 'bad',
          what: `you may not ${some(missing)}`,
          why: 'a first installation takes a cluster-admin, since nobody may give rights that they do not have',
          mend: ['log in as one, or have one install it'],
        },
    isThere
      ? {
          check: 'installation',
          level: 'warning',
          what: `there is one, or a part of one, in ${namespace}`,
          why: 'a cluster has one',
          mend: ['heddle upgrade --apply'],
        }
      : good('installation', 'none yet'),
  ];
}
