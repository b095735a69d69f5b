import test, { type ExecutionContext } from 'ava';
import { readFacts } from '../../../commands/check/readFacts.ts';
import { failure, json, startScripted } from '../../kubernetes/scripted.ts';

/** What is asked of a cluster that has nothing yet. */
async function asked(t: ExecutionContext, isBefore: boolean): Promise<readonly string[]> {
  const { api, got } = await startScripted(t, [
    (request, response, raw) => {
      const answer =
        request.method === 'POST'
          ? json(201, { status: { allowed: true } })
          : request.url.pathname === '/version'
            ? json(200, { major: '1', minor: '36' })
            : failure(404, 'NotFound');
      return answer(request, response, raw);
    },
  ]);
  await readFacts(api, { namespace: 'heddle-system', isBefore });
  return got.map(({ url }) => url.pathname);
}

const ofAll = ['pods', 'services', 'configmaps'].map((resource) => `/api/v1/${resource}`);
const rights = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

test('before an installation nothing is read that only a mesh has, as all pods', async (t) => {
  const paths = await asked(t, true);
  t.deepEqual(
    ofAll.filter((path) => paths.includes(path)),
    [],
  );
  t.true(paths.includes('/api/v1/nodes') && paths.includes(rights));
});

test('of a mesh all is read, and no right is asked for', async (t) => {
  const paths = await asked(t, false);
  t.deepEqual(
    ofAll.filter((path) => paths.includes(path)),
    ofAll,
  );
  t.false(paths.includes(rights));
});
