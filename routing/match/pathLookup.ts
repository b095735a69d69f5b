import type { GRPCMethodMatch, PathMatch } from '../model.ts';
import { withoutTrailingSlash } from '../path.ts';

/** How a path is found: as a whole, by its first segments, or by trying; equal keys are the same path match. */
export type PathLookup = { readonly by: 'whole' | 'segments' | 'trying'; readonly key: string };

/** An RPC's path is `/service/method` (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests). */
export function lookupOf(path: PathMatch): PathLookup {
  if (path.type === 'GRPCMethod') return lookupOfMethod(path);
  if (path.type === 'Exact') return { by: 'whole', key: path.value };
  if (path.type === 'PathPrefix') return { by: 'segments', key: withoutTrailingSlash(path.value) };
  return { by: 'trying', key: path.value };
}

function lookupOfMethod({ by, service, method }: GRPCMethodMatch): PathLookup {
  if (service === undefined && method === undefined) return { by: 'segments', key: '' };
  if (by === 'RegularExpression' || service === undefined)
    return { by: 'trying', key: JSON.stringify([by, service, method]) };
  return method === undefined ? { by: 'segments', key: `/${service}` } : { by: 'whole', key: `/${service}/${method}` };
}
