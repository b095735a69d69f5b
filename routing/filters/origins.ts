/** Says of the Origin of a request whether it is among those that a CORS filter allows; works them out once. */
export function compileOrigins(allowOrigins: readonly string[]): (origin: string) => boolean {
  if (allowOrigins.includes('*')) return (origin) => origin === 'null' || serialized.test(origin);
  const exact = new Set(allowOrigins);
  const wildcards = allowOrigins.filter((origin) => origin.includes('*')).map(compileWildcard);
  return (given) => {
    const origin = normalise(given);
    return exact.has(origin) || wildcards.some((matches) => matches(origin));
  };
}

/** What the `*` stands for is at the left end of the host: one or more labels, but not the port and not another scheme. */
function compileWildcard(allowed: string): (origin: string) => boolean {
  const [start = '', end = ''] = allowed.split('*', 2);
  return (origin) => {
    const left = origin.slice(start.length, origin.length - end.length);
    return (
      origin.startsWith(start) && origin.endsWith(end) && left !== '' && host.test(left) && serialized.test(origin)
    );
  };
}

/** As browsers write it, and as the allowed ones stand in the model: in lower case, without the scheme's own port. */
function normalise(origin: string): string {
  return origin.toLowerCase().replace(/^(http:.*):80$|^(https:.*):443$/, '$1$2');
}

const host = /^(?:\[[\da-f:.]+\]|[^\s"#,/:?@[\\\]]+)$/i;

/** https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin, one and no list of them. */
const serialized = /^[a-z][a-z\d+.-]*:\/\/(?:\[[\da-f:.]+\]|[^\s"#,/:?@[\\\]]+)(?::\d{1,5})?$/i;
