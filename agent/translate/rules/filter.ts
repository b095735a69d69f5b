import type { Filter } from '../../../routing/model.ts';
import type { HTTPRouteFilter } from '../../objects/types.ts';
import type { UnresolvedFilter } from '../unresolved.ts';
import { type Checked, missing, wrong } from './checked.ts';
import { translateHeaderModifier } from './headers.ts';
import { translateMirror } from './mirror.ts';

/** Where a filter stands: what it may be depends on that. */
export type FilterPlace = {
  readonly on: 'rule' | 'backend';
  /** Every match of the rule is a PathPrefix: what ReplacePrefixMatch needs. */
  readonly prefixMatches: boolean;
};

/** What stands for something that cannot be done: what it applies to answers 500, it is never skipped. */
export type UnsupportedFilter = Extract<Filter, { type: 'Unsupported' }>;

export function unsupported(name: string, message: string): UnsupportedFilter {
  return { type: 'Unsupported', name, message };
}

/** A filter that routes of several kinds have; of another type, that it is not supported. */
export function translateCommonFilter(filter: HTTPRouteFilter): Checked<UnresolvedFilter> {
  const [stray] = filter.strayFields;
  if (stray !== undefined) return wrong(`filter ${filter.type} has a field ${stray} that is not its own; remove it`);
  switch (filter.type) {
    case 'RequestHeaderModifier':
      return filter.requestHeaderModifier
        ? translateHeaderModifier(filter.type, filter.requestHeaderModifier)
        : missing(filter.type, 'requestHeaderModifier');
    case 'ResponseHeaderModifier':
      return filter.responseHeaderModifier
        ? translateHeaderModifier(filter.type, filter.responseHeaderModifier)
        : missing(filter.type, 'responseHeaderModifier');
    case 'RequestMirror':
      return filter.requestMirror ? translateMirror(filter.requestMirror) : missing(filter.type, 'requestMirror');
    case 'ExtensionRef':
      if (filter.extensionRef === undefined) return missing(filter.type, 'extensionRef');
      return wrong(`filter ExtensionRef names ${filter.extensionRef}; no extension is supported, remove it`);
    default:
      return wrong(`filter ${filter.type} is not supported; remove it`);
  }
}
