import test from 'ava';
import { agentName, caSecret, injectorName, systemNamespace } from '../../contract/objects.ts';
import { defaultManifests, type Manifest, manifestsOf, type Rule } from './objects.ts';

const roles = manifestsOf('overlays/roles');
const aggregated: Readonly<Record<string, string>> = {
  'heddle-application-developer': 'edit',
  'heddle-namespace-owner': 'admin',
  'heddle-viewer': 'view',
};

function rulesOf(kind: string): readonly Rule[] {
  return roles.filter((role) => role.kind === kind).flatMap(({ rules = [] }) => rules);
}

test('roles for people give what they name: no wildcard, and bound to nobody', (t) => {
  t.deepEqual([...new Set(roles.map(({ kind }) => kind))].toSorted(), ['ClusterRole', 'Role']);
  for (const { apiGroups, resources, verbs } of roles.flatMap(({ rules = [] }) => rules))
    t.false([apiGroups, resources, verbs].flat().join().includes('*'));
});

test('only the roles for namespaces become part of view, edit and admin, and each of one of them', (t) => {
  for (const { metadata } of roles) {
    const into = Object.keys(metadata.labels ?? {}).map((label) => label.replace(/^.*\/aggregate-to-/, ''));
    const wanted = aggregated[metadata.name];
    t.deepEqual(into, wanted === undefined ? [] : [wanted], metadata.name);
  }
});

test('nobody taps or reads logs, secrets or rights of the cluster by one of them', (t) => {
  const everywhere = roles.filter(({ metadata }) => aggregated[metadata.name] === undefined);
  const secret = /^(?:secrets|pods\/(?:exec|attach|portforward|proxy|log|ephemeralcontainers)|services\/proxy)$/;
  t.deepEqual(
    namedBy(everywhere).filter((resource) => secret.test(resource)),
    [],
  );
  // Bound in a namespace, the developer reads the log of what runs there.
  t.deepEqual(
    namedBy(roles).filter((resource) => secret.test(resource)),
    ['pods/log'],
  );
});

/** The resources of the ClusterRoles among these objects. */
function namedBy(objects: readonly Manifest[]): readonly string[] {
  return objects
    .filter(({ kind }) => kind === 'ClusterRole')
    .flatMap(({ rules = [] }) => rules)
    .flatMap(({ resources }) => resources);
}

test('a right by name is for an object of the installation', (t) => {
  const names = new Set(
    defaultManifests()
      .map(({ metadata }) => metadata.name)
      .concat(caSecret, systemNamespace, agentName, injectorName),
  );
  const given = [...rulesOf('ClusterRole'), ...rulesOf('Role')].filter(
    ({ resources }) => !resources.includes('customresourcedefinitions'),
  );
  for (const name of given.flatMap(({ resourceNames = [] }) => resourceNames)) t.true(names.has(name), name);
});

test('no role of people may change rights, so none can give itself more', (t) => {
  for (const { apiGroups, verbs } of [...rulesOf('ClusterRole'), ...rulesOf('Role')]) {
    if (!apiGroups.includes('rbac.authorization.k8s.io')) continue;
    t.deepEqual(
      verbs.filter((verb) => !/^(?:get|list|watch)$/.test(verb)),
      [],
    );
  }
});
