import type { ObjectName, ServiceRouting } from '../../routing/model.ts';
import { shortHash } from './setHash.ts';

const subjectLength = 4;
const length = subjectLength + 12;

/**
 * The version of what a resource says: a hash, so that any agent gives the same one to the same content. It is not of
 * the bytes, which nobody may ever ask for.
 */
export function versionOf(said: object): string {
  return shortHash(JSON.stringify(said));
}

/** That of a routing, behind some letters that are the same for all routings of one Service. */
export function routingVersion(routing: ServiceRouting): string {
  return `${subjectOf(routing.service)}${versionOf(routing)}`;
}

/** The version of a form of it for some sidecars. */
export function formVersion(bytes: Uint8Array, service?: ObjectName): string {
  return `${service === undefined ? '' : subjectOf(service)}${shortHash(bytes)}`;
}

/** Whether two versions may be of the same Service; of one without those letters, as agents gave before, nobody knows. */
export function mayShareSubject(one: string, other: string): boolean {
  if (one.length !== length || other.length !== length) return true;
  return one.slice(0, subjectLength) === other.slice(0, subjectLength);
}

function subjectOf({ namespace, name }: ObjectName): string {
  return shortHash(`${namespace}/${name}`).slice(0, subjectLength);
}
