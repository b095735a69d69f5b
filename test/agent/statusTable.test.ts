import test from 'ava';
import { printStatuses } from '../../agent/statusTable.ts';

test('statuses are printed as an aligned table', (t) => {
  const parentRef = { group: '', kind: 'Service', namespace: undefined, name: 'web', port: 80, sectionName: undefined };
  const other = { ...parentRef, namespace: 'shop', port: undefined, sectionName: 'http' };
  const table = printStatuses([
    {
      kind: 'HTTPRoute',
      namespace: 'default',
      name: 'r',
      uid: undefined,
      parents: [
        {
          parentRef,
          conditions: [
            { type: 'Accepted', status: true, reason: 'Accepted', message: 'Route is accepted', observedGeneration: 1 },
          ],
        },
        {
          parentRef: other,
          conditions: [
            {
              type: 'ResolvedRefs',
              status: false,
              reason: 'InvalidKind',
              message: 'a long one',
              observedGeneration: 1,
            },
          ],
        },
      ],
    },
  ]);
  t.is(
    table,
    `ROUTE                PARENT                   CONDITION           REASON       MESSAGE
HTTPRoute default/r  Service default/web:80   Accepted=True       Accepted     Route is accepted
HTTPRoute default/r  Service shop/web (http)  ResolvedRefs=False  InvalidKind  a long one
`,
  );
});
