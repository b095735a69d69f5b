/** A request as raw bytes (latin1 text) and what exactly comes of it. */
export type RequestVector = {
  readonly title: string;
  readonly send: string;
  /** Of the only response. */
  readonly status: number;
  /** What the endpoint sees, its chunks joined; nothing of a refused one. */
  readonly sees: string | undefined;
};

export const get = (lines: string): string => `GET /a HTTP/1.1\r\nHost: x\r\n${lines}\r\n`;
export const post = (lines: string, body: string): string => `POST /a HTTP/1.1\r\nHost: x\r\n${lines}\r\n${body}`;
export const chunked = 'Transfer-Encoding: chunked\r\n';

/** One that is answered here. */
export const refused = (title: string, send: string, status = 400): RequestVector => ({
  title,
  send,
  status,
  sees: undefined,
});

/** One that is passed on, as it is unless told. */
export const passes = (title: string, send: string, sees = send): RequestVector => ({ title, send, status: 200, sees });
