import type { RouteRule } from '../../objects/types.ts';
import { type UnsupportedFilter, unsupported } from './filter.ts';

/** What a rule that asks for session persistence is told. */
export function refuseSessionPersistence({ sessionPersistence }: RouteRule): readonly UnsupportedFilter[] {
  return sessionPersistence ? [unsupported('sessionPersistence', moved)] : [];
}

const moved =
  'sessionPersistence is deprecated in routes since Gateway API v1.7, which moved it to XBackend, and is not supported; remove it, and set sessionAffinity: ClientIP on the Service if a client is to stay with an endpoint';
