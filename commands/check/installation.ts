import { agentName, injectorName } from '../../contract/objects.ts';
import { fieldsOf, type JsonObject, numberOf, objectsOf, textOf } from '../../runtime/json.ts';
import { readPod } from '../cluster/meshPods.ts';
import { containerOf } from '../install/installedSettings.ts';
import { rolloutOf, troublesOf } from '../install/rollout.ts';
import { some } from '../output/words.ts';
import type { Facts } from './facts.ts';
import { type Finding, good } from './finding.ts';

/** Whether agents and injectors run, everywhere and of one version. */
export function checkInstallation(facts: Facts): readonly Finding[] {
  const { agents, injectors, namespace, refused, version } = facts;
  if (agents === undefined && injectors === undefined && refused.length === 0)
    return [
      {
        check: 'installation',
        level: 'bad',
        what: `there is none in ${namespace}`,
        why: 'neither agents nor injectors are there',
        mend: [
          `heddle install --image registry.example.com/heddle:${version} --apply`,
          'or name its namespace with -n',
        ],
      },
    ];
  return [
    ...(injectors === undefined ? [] : checkInjectors(injectors, facts)),
    ...(agents === undefined ? [] : checkAgents(agents, facts)),
    ...checkVersions(facts),
  ];
}

function checkInjectors(injectors: JsonObject, facts: Facts): readonly Finding[] {
  const { isDone, words } = rolloutOf({ ...injectors, kind: 'Deployment' });
  if (isDone) return [good('injectors', words)];
  const isDown = (numberOf(fieldsOf(injectors['status']), 'availableReplicas') ?? 0) === 0;
  return [
    {
      check: 'injectors',
      level: isDown ? 'bad' : 'warning',
      what: words,
      why: [
        isDown ? 'no pod of a namespace with injection can be created meanwhile' : 'the others add sidecars meanwhile',
        ...troublesIn(facts, injectorName),
      ].join('; '),
      mend: [`kubectl -n ${facts.namespace} describe deployment ${injectorName}`],
    },
  ];
}

function checkAgents(agents: JsonObject, facts: Facts): readonly Finding[] {
  const { isDone, words } = rolloutOf({ ...agents, kind: 'DaemonSet' });
  const without = nodesWithoutAgent(facts);
  if (isDone && without.length === 0) return [good('agents', words)];
  const where = without.length === 0 ? [] : [`no ready one on ${some(without)}`];
  return [
    {
      check: 'agents',
      level:
        without.length > 0 || (numberOf(fieldsOf(agents['status']), 'numberAvailable') ?? 0) === 0 ? 'bad' : 'warning',
      what: [words, ...where].join('; '),
      why: [
        'sidecars there ask the agents of other nodes, and keep what they know where none answers',
        ...troublesIn(facts, agentName),
      ].join('; '),
      mend: [`kubectl -n ${facts.namespace} get pods -o wide -l app.kubernetes.io/name=${agentName}`],
    },
  ];
}

function ownPods({ pods = [], namespace }: Facts, name: string): readonly JsonObject[] {
  return pods.filter(({ metadata }) => {
    const { namespace: own, labels } = fieldsOf(metadata);
    return own === namespace && fieldsOf(labels)['app.kubernetes.io/name'] === name;
  });
}

function troublesIn(facts: Facts, name: string): readonly string[] {
  return troublesOf(ownPods(facts, name)).slice(0, 3);
}

function nodesWithoutAgent(facts: Facts): readonly string[] {
  const { nodes, pods } = facts;
  if (nodes === undefined || pods === undefined) return [];
  const has = new Set(
    ownPods(facts, agentName)
      .map(readPod)
      .filter(({ isReady }) => isReady)
      .map(({ node }) => node),
  );
  return nodes
    .filter((node) => fieldsOf(fieldsOf(node['status'])['nodeInfo'])['operatingSystem'] !== 'windows')
    .map((node) => textOf(fieldsOf(node['metadata']), 'name') ?? '')
    .filter((name) => !has.has(name));
}

/** The image that new sidecars get; undefined where it is not known. */
export function sidecarImage({ injectors }: Facts): string | undefined {
  const variable = objectsOf(containerOf(injectors)['env']).find(({ name }) => name === 'HEDDLE_IMAGE');
  return variable && textOf(variable, 'value');
}

function checkVersions(facts: Facts): readonly Finding[] {
  const images = {
    injectors: textOf(containerOf(facts.injectors), 'image'),
    agents: textOf(containerOf(facts.agents), 'image'),
    sidecars: sidecarImage(facts),
  };
  const said = Object.entries(images).filter(([, image]) => image !== undefined);
  const different = new Set(said.map(([, image]) => image));
  if (said.length === 0) return [];
  if (different.size === 1) return [good('image', String(said[0]?.[1]))];
  return [
    {
      check: 'image',
      level: 'warning',
      what: said.map(([who, image]) => `${who} ${String(image)}`).join(', '),
      why: 'they are of several versions, which is meant for the time of an upgrade only',
      mend: ['heddle upgrade --apply'],
    },
  ];
}
