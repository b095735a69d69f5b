import { HeaderEntry } from './entry.ts';

// RFC 7541 appendix A: the names in the order of their indexes, each with the values that it has entries for.
const fields =
  ':authority|:method GET POST|:path / /index.html|:scheme http https|:status 200 204 206 304 400 404 500|accept-charset|' +
  'accept-encoding gzip,_deflate|accept-language|accept-ranges|accept|access-control-allow-origin|age|allow|authorization|' +
  'cache-control|content-disposition|content-encoding|content-language|content-length|content-location|content-range|' +
  'content-type|cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|if-none-match|if-range|' +
  'if-unmodified-since|last-modified|link|location|max-forwards|proxy-authenticate|proxy-authorization|range|referer|' +
  'refresh|retry-after|server|set-cookie|strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate';

/** The static table by index, which begins at 1. */
export const staticTable: readonly HeaderEntry[] = [
  new HeaderEntry('', ''),
  ...fields.split('|').flatMap((field) => {
    const [name = '', ...values] = field.split(' ');
    return (values.length > 0 ? values : ['']).map((value) => new HeaderEntry(name, value.replace('_', ' ')));
  }),
];

/** How many entries it has: those of a dynamic table have the indexes from the next one on. */
export const staticCount = staticTable.length - 1;

/** A name of the static table: its lowest index, and the indexes of the values that stand there with it. */
export type StaticName = { readonly index: number; readonly values: readonly StaticValue[] };
type StaticValue = { readonly value: string; readonly index: number };

/** The static table by name. */
export const staticNames: ReadonlyMap<string, StaticName> = byName();

function byName(): Map<string, StaticName> {
  const names = new Map<string, { index: number; values: StaticValue[] }>();
  for (const [index, { name, value }] of staticTable.entries()) {
    const known = names.get(name) ?? { index, values: [] };
    if (value !== '') known.values.push({ value, index });
    names.set(name, known);
  }
  names.delete('');
  return names;
}
