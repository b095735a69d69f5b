/** A path or prefix without one trailing slash, which means nothing in a PathPrefix; `/` becomes empty. */
export function withoutTrailingSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}
