import { fieldsOf, type JsonObject, textOf } from '../../runtime/json.ts';
import { nameOf } from '../cluster/objects.ts';

/** A list of objects; undefined: the user may not read it, or the API server has no such kind. */
export type Listed = readonly JsonObject[] | undefined;

/** All that `heddle check` goes by, as the API server has it. */
export type Facts = {
  /** Of the mesh's own objects. */
  readonly namespace: string;
  /** The version of this command. */
  readonly version: string;
  readonly nowMs: number;
  readonly kubernetes: JsonObject;
  /** Definitions of the Gateway API by name, such as `httproutes.gateway.networking.k8s.io`. */
  readonly definitions: Listed;
  readonly agents: JsonObject | undefined;
  readonly injectors: JsonObject | undefined;
  readonly webhook: JsonObject | undefined;
  readonly agentSecret: JsonObject | undefined;
  readonly lease: JsonObject | undefined;
  readonly nodes: Listed;
  readonly namespaces: Listed;
  readonly pods: Listed;
  readonly services: Listed;
  readonly configMaps: Listed;
  /** HTTPRoutes and GRPCRoutes, each with its `kind`. */
  readonly routes: Listed;
  /** What the user may not read, for people. */
  readonly refused: readonly string[];
  /** What an installation takes, and whether the user may; asked with --pre only. */
  readonly rights: readonly { readonly what: string; readonly isAllowed: boolean }[];
};

/** The facts without what is being deleted, and without all that is in namespaces that are: nobody is to mend that. */
export function withoutGoing(facts: Facts): Facts {
  const going = new Set((facts.namespaces ?? []).filter(isGoing).map(nameOf));
  const staying = (listed: Listed): Listed =>
    listed?.filter((object) => !isGoing(object) && !going.has(textOf(fieldsOf(object['metadata']), 'namespace') ?? ''));
  const { namespaces, pods, services, configMaps, routes } = facts;
  return {
    ...facts,
    namespaces: staying(namespaces),
    pods: staying(pods),
    services: staying(services),
    configMaps: staying(configMaps),
    routes: staying(routes),
  };
}

function isGoing({ metadata }: JsonObject): boolean {
  return fieldsOf(metadata)['deletionTimestamp'] !== undefined;
}
