import { isService } from '../../agent/objects/coreGroup.ts';
import { gatewayGroup } from '../../agent/objects/types.ts';
import { fieldsOf, type JsonObject, numberOf, objectsOf, textOf } from '../../runtime/json.ts';
import { answersTo, nameOf } from '../cluster/objects.ts';
import { count, some } from '../output/words.ts';
import type { Facts } from './facts.ts';
import { type Finding, good } from './finding.ts';

/** Routes under Services that are not accepted, have a problem, or were never answered. */
export function checkRoutes({ routes, agents }: Facts): readonly Finding[] {
  if (routes === undefined) return [];
  const ours = underServices(routes);
  const wrong = ours.flatMap(problemsOf);
  const silent = ours.filter((route) => answersTo(route).length === 0);
  const behind = ours.filter(isBehind);
  const groupless = routes.filter((route) => parentRefsOf(route).some(forgotGroup));
  return [
    ...(wrong.length === 0 && silent.length === 0 && behind.length === 0
      ? [good('routes', `${count(ours.length, 'route')} under Services, all accepted`)]
      : []),
    ...wrong,
    ...(silent.length === 0 || agents === undefined
      ? []
      : [
          {
            check: 'routes',
            level: 'bad' as const,
            what: `${count(silent.length, 'route')} without a status: ${some(silent.map(titleOf))}`,
            why: 'no agent has answered them',
            mend: ['look at agents and statuses above'],
          },
        ]),
    ...(behind.length === 0
      ? []
      : [
          {
            check: 'routes',
            level: 'warning' as const,
            what: `the status of ${some(behind.map(titleOf))} is of an earlier version of it`,
            why: 'an agent writes it within a second; if it stays so, none does',
            mend: ['ask once more'],
          },
        ]),
    ...groupless.map((route): Finding => ({
      check: 'routes',
      level: 'warning',
      what: `${titleOf(route)} has a parentRef with kind: Service and no group`,
      why: 'that means a Service of the Gateway API, which does not exist: it is left to others',
      mend: ["write group: '' beside kind: Service"],
    })),
  ];
}

/** The routes that have a Service as parent: the others are other programs' to answer. */
export function underServices(routes: readonly JsonObject[]): readonly JsonObject[] {
  return routes.filter((route) => parentRefsOf(route).some(isService));
}

function titleOf(route: JsonObject): string {
  return `${String(route['kind'])} ${nameOf(route)}`;
}

type Reference = { readonly group: string; readonly kind: string };

function parentRefsOf(route: JsonObject): readonly Reference[] {
  return objectsOf(fieldsOf(route['spec'])['parentRefs']).map((ref) => ({
    group: textOf(ref, 'group') ?? gatewayGroup,
    kind: textOf(ref, 'kind') ?? '',
  }));
}

function forgotGroup({ kind, group }: Reference): boolean {
  return kind === 'Service' && group === gatewayGroup;
}

function isBehind(route: JsonObject): boolean {
  const generation = numberOf(fieldsOf(route['metadata']), 'generation') ?? 0;
  return answersTo(route).some(({ conditions }) =>
    objectsOf(conditions).some((condition) => (numberOf(condition, 'observedGeneration') ?? generation) < generation),
  );
}

/** By type of condition: what it is where all is good. */
const wanted: Readonly<Record<string, string>> = { Accepted: 'True', ResolvedRefs: 'True', PartiallyInvalid: 'False' };

function problemsOf(route: JsonObject): readonly Finding[] {
  return answersTo(route).flatMap(({ parentRef, conditions }) =>
    objectsOf(conditions).flatMap((condition): readonly Finding[] => {
      const type = textOf(condition, 'type') ?? '';
      if (wanted[type] === undefined || condition['status'] === wanted[type]) return [];
      const { name, namespace } = fieldsOf(parentRef);
      const at = `Service ${typeof namespace === 'string' ? `${namespace}/` : ''}${String(name)}`;
      const [own = '', ...rest] = nameOf(route).split('/');
      const kind = String(route['kind']).toLowerCase();
      return [
        {
          check: 'routes',
          level: 'bad',
          what: `${titleOf(route)} at ${at}: ${type} is ${String(condition['status'])}, ${textOf(condition, 'reason') ?? ''}`,
          why: textOf(condition, 'message') ?? '',
          mend: [`kubectl -n ${own} edit ${kind} ${rest.join('/')}`],
        },
      ];
    }),
  );
}
