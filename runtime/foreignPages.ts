/** A request to a loopback port, as far as it tells who sent it. */
export type LoopbackRequest = {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
};

/**
 * Why a request to a loopback port is refused; undefined for one that may come in. A page of the web reaches such a port
 * in two ways: by a name of its own that resolves to 127.0.0.1 (DNS rebinding), which its Host tells, and by writing
 * without reading the answer, which a browser tells in Origin and Sec-Fetch-Site.
 */
export function refuseForeignPage({ method, host, origin, fetchSite }: LoopbackRequest): string | undefined {
  const name =
    host === undefined ? undefined : /^(?<name>\[[\d:.a-f]+\]|[^:]*)(?::\d{1,5})?$/i.exec(host)?.groups?.['name'];
  if (name === undefined || !loopbackNames.has(name.toLowerCase())) {
    return 'This port is for this pod only: call it as localhost, 127.0.0.1 or [::1].';
  }
  if (method === 'GET' || method === 'HEAD') return undefined;
  const isForeign =
    (origin !== undefined && origin.toLowerCase() !== `http://${host}`.toLowerCase()) ||
    (fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none');
  return isForeign ? 'A page of another origin may change nothing here.' : undefined;
}

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);
