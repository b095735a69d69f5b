import { Argument, type Command } from 'commander';
import { type Api, isApiStatus } from '../../kubernetes/api.ts';
import { reasonOf } from '../../runtime/reason.ts';
import { CannotLook } from '../cannotLook.ts';
import { useCluster } from '../cluster/useCluster.ts';
import { findNamespace } from '../install/findInstalled.ts';
import { type Mesh, serviceNames, translateObjects } from '../mesh/mesh.ts';
import { readCluster } from '../mesh/readCluster.ts';
import { type OutputOption, withContext, withOutput } from '../options.ts';
import { print } from '../output/print.ts';
import { podRows } from './pods.ts';
import { type AgentTold, readStreams } from './readStreams.ts';
import { renderPodRows, renderRouteRows, renderServiceRows } from './render.ts';
import { routeRows } from './routes.ts';
import { serviceRows } from './services.ts';

type Options = OutputOption & { readonly context?: string; readonly kubeconfig?: string; readonly namespace?: string };

const examples = `
Examples:
  Is every route accepted, and live on the sidecars that use it?
    $ heddle status
  The same of the routes of a namespace, or of one:
    $ heddle status routes -n shop
    $ heddle status route shop/cart
  Which endpoints and routes has a Service, and who uses it?
    $ heddle status service cart.shop
  What does the sidecar of a pod know, and from which agent?
    $ heddle status pod shop/client-7c4d

Exit code: 0 if all is well, 1 if a route is not accepted or has a bad reference, or a sidecar is behind; 2 if that could not be found out.`;

const kinds = ['routes', 'services', 'pods'] as const;
type What = (typeof kinds)[number];

/** Adds \`heddle status\`. */
export function addStatus(program: Command): void {
  const command = program
    .command('status')
    .summary('whether routes are accepted, and on how many sidecars they are live')
    .description(
      'Says of routes whether they are accepted, what is wrong with them, and on how many of the sidecars that use them the present version is live; of Services their endpoints and routes; of pods what their sidecar knows. How far sidecars are is asked of the agents by port-forward, which takes that right in the namespace of the mesh.',
    )
    .addArgument(
      new Argument('[what]', 'routes, services or pods')
        .choices([...kinds, 'route', 'service', 'pod'])
        .default('routes'),
    )
    .argument('[name]', 'of one: name, namespace/name, or name.namespace')
    .option('-n, --namespace <name>', 'of this namespace only; and of a name that says none')
    .addHelpText('after', examples);
  withOutput(withContext(command)).action(run);
}

async function run(given: string, name: string | undefined, { output, ...options }: Options): Promise<void> {
  const what = kinds.find((kind) => kind === given || kind === `${given}s`) ?? 'routes';
  const seen = await useCluster(options, (api, own) => look(api, own));
  const isMeant = filterOf(name, options.namespace ?? (name === undefined ? undefined : seen.namespace));
  const rendered = show(what, seen, isMeant);
  if (name !== undefined && rendered.count === 0) throw new CannotLook(notFound(what, name, seen));
  process.stdout.write(rendered.print(output));
  for (const note of seen.notes) process.stderr.write(`heddle: ${note}\n`);
  if (rendered.isBad) process.exitCode = 1;
}

type Seen = {
  readonly mesh: Mesh;
  readonly namespace: string | undefined;
  /** Undefined: no agent could be asked. */
  readonly told: readonly AgentTold[] | undefined;
  readonly notes: readonly string[];
};

async function look(api: Api, own: string | undefined): Promise<Seen> {
  const system = await findNamespace(api);
  const wish = { namespaces: own === undefined ? [] : [own], insteadOfCluster: undefined };
  const [{ objects, notes }, asked] = await Promise.all([readCluster(api, wish), askAgents(api, system)]);
  const mesh = translateObjects(objects, serviceNames(objects));
  return { mesh, namespace: own, told: asked.told, notes: [...notes, ...asked.notes] };
}

async function askAgents(api: Api, system: string): Promise<Pick<Seen, 'told' | 'notes'>> {
  const unknown = 'how far sidecars are is not known';
  try {
    const told = await readStreams(api, system);
    const failed = told.flatMap((one) => (one.ok ? [] : [`${one.agent} could not be asked (${one.reason})`]));
    if (failed.length < told.length)
      return { told, notes: failed.map((one) => `${one}: its sidecars are not counted`) };
    const why = told.length === 0 ? `no agent is ready in ${system}` : failed.join('; ');
    return { told: undefined, notes: [`${why}: ${unknown}; heddle check says more`] };
  } catch (error) {
    const advice = isApiStatus(error, 403) ? `; it takes the role heddle-observer in ${system}` : '';
    return { told: undefined, notes: [`${reasonOf(error)}: ${unknown}${advice}`] };
  }
}

type Meant = (name: string) => boolean;

/** Names as `namespace/name`. */
function filterOf(given: string | undefined, namespace: string | undefined): Meant {
  if (given === undefined) return (name) => namespace === undefined || name.startsWith(`${namespace}/`);
  const wanted = new Set([
    given,
    given.split('.', 2).toReversed().join('/'),
    ...(namespace === undefined ? [] : [`${namespace}/${given}`]),
  ]);
  return (name) => wanted.has(name) || (namespace === undefined && name.endsWith(`/${given}`));
}

type Shown = {
  readonly count: number;
  readonly isBad: boolean;
  readonly print: (format: OutputOption['output']) => string;
};

function show(what: What, { mesh, told }: Seen, isMeant: Meant): Shown {
  const streams = told?.flatMap((one) => (one.ok ? one.streams : []));
  if (what === 'pods') {
    const rows = podRows(mesh, told ?? []).filter(({ pod }) => isMeant(pod));
    const isBad = rows.some(({ uses }) => uses.some(({ behind }) => behind !== undefined));
    return { count: rows.length, isBad, print: (format) => print(rows, format, renderPodRows) };
  }
  if (what === 'services') {
    const rows = serviceRows(mesh, streams, isMeant);
    const isBad = rows.some(({ live }) => (live?.behind.length ?? 0) > 0);
    return { count: rows.length, isBad, print: (format) => print(rows, format, renderServiceRows) };
  }
  const rows = routeRows(mesh, streams).filter(({ route }) => isMeant(route.slice(route.indexOf(' ') + 1)));
  const isBad = rows.some(
    ({ accepted, resolvedRefs, live }) => !accepted || !resolvedRefs || (live?.behind.length ?? 0) > 0,
  );
  return { count: rows.length, isBad, print: (format) => print(rows, format, renderRouteRows) };
}

function notFound(what: What, name: string, { told }: Seen): string {
  if (what === 'routes') return `there is no route ${name} under a Service; heddle status lists all`;
  if (what === 'services')
    return `there is no Service ${name} with an address of its own; heddle status services lists all`;
  return told === undefined
    ? `the sidecar of ${name} is not known, since no agent could be asked; it takes the right to port-forward to agents`
    : `no agent has a stream of a sidecar of ${name}; heddle status pods lists all`;
}
