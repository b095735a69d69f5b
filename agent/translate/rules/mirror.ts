import type { HTTPRequestMirrorFilter } from '../../objects/types.ts';
import type { UnresolvedMirror } from '../unresolved.ts';
import { type Checked, findUnknown, wrong } from './checked.ts';

/** A mirror whose backend is not looked up yet. */
export function translateMirror(mirror: HTTPRequestMirrorFilter): Checked<UnresolvedMirror> {
  const { backendRef, percent, fraction } = mirror;
  const unknown = findUnknown('filter RequestMirror', mirror.unknownFields);
  if (unknown !== undefined) return unknown;
  if (percent !== undefined && fraction !== undefined)
    return wrong('filter RequestMirror has percent and fraction; remove one of the two');
  const { numerator, denominator } = fraction ?? { numerator: percent ?? 100, denominator: 100 };
  if (numerator > denominator)
    return wrong(`filter RequestMirror has the fraction ${numerator}/${denominator}; give at most the whole`);
  return { ok: true, value: { type: 'RequestMirror', ref: backendRef, fraction: numerator / denominator } };
}
