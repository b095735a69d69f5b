/** A response as raw bytes (latin1 text) and what exactly its client gets. */
export type ResponseVector = {
  readonly title: string;
  /** What the endpoint sends for the one request; then it half-closes, unless it `stays`. */
  readonly reply: string;
  readonly stays: boolean;
  readonly request: string;
  /** What the client gets; undefined: 502, or a reset where the head had left already. */
  readonly gets: string | undefined;
};

export const ok = 'HTTP/1.1 200 OK\r\n';
export const chunked = 'Transfer-Encoding: chunked\r\n';
export const get = 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n';
export const old = 'GET /a HTTP/1.0\r\nHost: x\r\n\r\n';
export const headRequest = 'HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n';
export const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
export const empty = `${ok}Content-Length: 0\r\n\r\n`;

/** One that is not passed on. */
export const bad = (title: string, reply: string): ResponseVector => ({
  title: `${title} of an endpoint is 502`,
  reply,
  stays: true,
  request: get,
  gets: undefined,
});

/** One that is passed on, as it is unless told. */
export const good = (title: string, reply: string, gets = reply, request = get): ResponseVector => ({
  title,
  reply,
  stays: true,
  request,
  gets,
});

/** One that ends with its connection. */
export const ending = (title: string, reply: string, gets: string, request = get): ResponseVector => ({
  ...good(title, reply, gets, request),
  stays: false,
});
