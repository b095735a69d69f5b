import test from 'ava';
import { controllerName } from '../../contract/objects.ts';
import { unbuiltKinds } from '../../agent/objects/types.ts';
import { eventually } from './process/progress.ts';
import { fieldsOf } from '../../runtime/json.ts';
import { admin, startLeader, useControlPlane } from './statusSetup.ts';
import { type RouteParent, serviceRef } from './support/route.ts';

useControlPlane();

const version = 'gateway.networking.k8s.io/v1';
const gateway = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public' };
const theirs = {
  parentRef: gateway,
  controllerName: 'example.com/gateway',
  conditions: [
    { type: 'Accepted', status: 'True', reason: 'Accepted', message: 'ok', lastTransitionTime: '2020-01-01T00:00:00Z' },
  ],
};

for (const kind of unbuiltKinds) {
  const folder = `/apis/${version}/namespaces/default/${kind.toLowerCase()}s`;
  const contentType = 'application/merge-patch+json';
  const patch = (what: string, body: object): Promise<unknown> =>
    admin.request({ method: 'PATCH', path: `${folder}/${what}`, contentType, body });
  const readParents = async (): Promise<readonly RouteParent[]> => {
    const { status } = fieldsOf(await admin.request({ path: `${folder}/odd` }));
    return (fieldsOf(status)['parents'] ?? []) as readonly RouteParent[];
  };

  test.serial(
    `a ${kind} is told under each Service that its kind is not supported yet, and nowhere else`,
    async (t) => {
      await startLeader(t);
      const rule = { backendRefs: [{ name: 'web', port: 80 }] };
      const spec = {
        parentRefs: [gateway, serviceRef({ name: 'web', port: 80 }), serviceRef('nobody')],
        rules: [rule],
        ...(kind === 'TLSRoute' && { hostnames: ['web.example'] }),
      };
      const body = { apiVersion: version, kind, metadata: { name: 'odd' }, spec };
      await eventually(
        `${kind} is served`,
        () =>
          admin.request({ method: 'POST', path: folder, body }).then(
            () => true,
            () => false,
          ),
        Boolean,
      );
      const written = await eventually('status', readParents, (parents) => parents.length === 2);
      t.deepEqual(
        written.map((entry) => [entry.controllerName, entry.parentRef['name'], entry.parentRef['port']]),
        [
          [controllerName, 'web', 80],
          [controllerName, 'nobody', undefined],
        ],
      );
      for (const { conditions } of written) {
        t.is(conditions.length, 1);
        t.like(conditions[0], {
          type: 'Accepted',
          status: 'False',
          reason: 'UnsupportedValue',
          observedGeneration: 1,
        });
      }
      t.regex(
        written[0]?.conditions[0]?.message ?? '',
        new RegExp(
          `^${kind} is not supported yet: the traffic of Service default/web goes on as without this route; remove`,
        ),
      );

      await patch('odd/status', { status: { parents: [theirs, ...written] } });
      await patch('odd', { spec: { parentRefs: [gateway, serviceRef('nobody')] } });
      const fewer = await eventually('one entry of ours gone', readParents, (parents) => parents.length === 2);
      t.deepEqual(fewer[0] as unknown, theirs);
      const left = await eventually(
        'the other one again',
        readParents,
        (parents) => parents[1]?.conditions[0]?.observedGeneration === 2,
      );
      t.is(left[1]?.parentRef['name'], 'nobody');
      await patch('odd', { spec: { parentRefs: [gateway] } });
      const alone = await eventually('all of ours gone', readParents, (parents) => parents.length === 1);
      t.deepEqual(alone as unknown, [theirs]);
    },
  );
}
