import type { ObjectName } from '../../routing/model.ts';
import { shortHash } from './setHash.ts';

const subjectLength = 4;
const length = subjectLength + 12;

/**
 * The version of a routing: a hash of its bytes, so that any agent gives the same one, behind some letters that are the
 * same for all routings of one Service.
 */
export function versionOf(bytes: Uint8Array, { namespace, name }: ObjectName): string {
  return `${shortHash(`${namespace}/${name}`).slice(0, subjectLength)}${shortHash(bytes)}`;
}

/** Whether two versions may be of the same Service; of one without those letters, as agents gave before, nobody knows. */
export function mayShareSubject(one: string, other: string): boolean {
  if (one.length !== length || other.length !== length) return true;
  return one.slice(0, subjectLength) === other.slice(0, subjectLength);
}
