/** One request's query, parsed when first asked for. A matcher keeps one, and empties it lest it hold on to a request. */
export class LazyQuery {
  #raw = '';
  #params: ReadonlyMap<string, string> | undefined;

  reset(raw: string): void {
    this.#raw = raw;
    this.#params = undefined;
  }

  params(): ReadonlyMap<string, string> {
    this.#params ??= parseQuery(this.#raw);
    return this.#params;
  }
}

/**
 * The parameters of a query string without its `?`: percent-decoded, `+` is a space, and the first value of a repeated
 * name counts. A name or value whose escapes are malformed is kept as it was received; nothing throws.
 */
function parseQuery(query: string): ReadonlyMap<string, string> {
  const params = new Map<string, string>();
  for (let start = 0; start <= query.length;) {
    const ampersand = query.indexOf('&', start);
    const end = ampersand === -1 ? query.length : ampersand;
    if (end > start) addParam(params, query.slice(start, end));
    start = end + 1;
  }
  return params;
}

function addParam(params: Map<string, string>, pair: string): void {
  const equals = pair.indexOf('=');
  const name = decode(equals === -1 ? pair : pair.slice(0, equals));
  if (!params.has(name)) params.set(name, equals === -1 ? '' : decode(pair.slice(equals + 1)));
}

function decode(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
