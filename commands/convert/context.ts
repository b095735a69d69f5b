import type { Made } from './route.ts';
import type { Services } from './services.ts';
import type { Source } from './source.ts';

/** What every conversion gets, and where it puts its results. */
export type Context = {
  /** Those that are converted. */
  readonly sources: readonly Source[];
  readonly services: Services;
  /** The Gateway that routes from outside are given where nothing names one. */
  readonly gateway: string | undefined;
  /** Results in the order in which they are found. */
  readonly made: Made[];
};

/** The objects of a kind. */
export function ofKind({ sources }: Context, group: string, kind: string): readonly Source[] {
  return sources.filter((source) => source.kind === kind && source.group === group);
}
