import { ApiError } from '../../kubernetes/api.ts';
import { reasonOf } from '../../runtime/reason.ts';
import type { WriteOutcome } from './statusMetrics.ts';

export type Failure = {
  readonly outcome: Exclude<WriteOutcome, 'written'>;
  readonly message: string;
};

/**
 * What a failed write means. `conflict`: somebody wrote in between; `gone`: there is no such object; `refused`: the
 * same request will be refused again; `failed`: it may succeed later.
 */
export function classify(error: unknown): Failure {
  const message = reasonOf(error);
  return { outcome: error instanceof ApiError ? outcomeOf(error.status) : 'failed', message };
}

function outcomeOf(status: number): Failure['outcome'] {
  if (status === 409) return 'conflict';
  if (status === 404) return 'gone';
  return status === 400 || status === 413 || status === 422 ? 'refused' : 'failed';
}
