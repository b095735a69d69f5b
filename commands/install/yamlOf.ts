import { stringify } from 'yaml';
import type { Manifest } from './kustomize.ts';

/** Objects as kubectl takes them from standard input. */
export function yamlOf(objects: readonly Manifest[]): string {
  return objects.map((object) => stringify(object, { aliasDuplicateObjects: false, lineWidth: 0 })).join('---\n');
}
