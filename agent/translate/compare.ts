import type { ObjectName } from '../../routing/model.ts';
import type { Meta } from '../objects/types.ts';

/** Orders texts by their UTF-16 code units, everywhere the same. */
export function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Older first, then `namespace/name`: who wins among objects that contradict each other. */
export function compareAge(one: Meta, other: Meta): number {
  return one.createdAtMs - other.createdAtMs || compareText(printName(one), printName(other));
}

export function printName({ namespace, name }: ObjectName): string {
  return `${namespace}/${name}`;
}
