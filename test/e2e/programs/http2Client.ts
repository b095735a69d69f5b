import { once } from 'node:events';
import { type ClientHttp2Stream, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import { text } from 'node:stream/consumers';

// http2Client.ts <url>: what came of requests over one connection of node:http2 to an http2App.ts, as JSON.
const [url = ''] = process.argv.slice(2);
const session = connect(url, { settings: { initialWindowSize: 20_000, enablePush: false } });

type Answer = { readonly length: number; readonly checksum?: string };

async function read(stream: ClientHttp2Stream): Promise<Answer & { readonly trailers: IncomingHttpHeaders }> {
  let trailers: IncomingHttpHeaders = {};
  stream.on('trailers', (fields) => {
    trailers = fields;
  });
  return { ...(JSON.parse(await text(stream)) as Answer), trailers };
}

function post(path: string): ClientHttp2Stream {
  return session.request({ ':method': 'POST', ':path': path }, { waitForTrailers: true });
}

/** Answers by the length of the body that the server saw, and the length that its trailers tell. */
async function upload(length: number): Promise<string> {
  const stream = post('/upload');
  stream.on('wantTrailers', () => stream.sendTrailers({ 'x-checksum': `of ${length}` }));
  stream.end(Buffer.alloc(length, 1));
  const { length: seen, checksum, trailers } = await read(stream);
  return `${seen} ${checksum}, ${String(trailers['x-length'])}`;
}

async function givesUp(): Promise<number> {
  const stream = session.request({ ':path': '/bytes/50000000' });
  stream.on('error', () => undefined);
  await once(stream, 'data');
  stream.close(constants.NGHTTP2_CANCEL);
  await once(stream, 'close');
  return stream.rstCode;
}

async function pinged(): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  session.ping(Buffer.from('heddle12'), (error, _, payload) =>
    resolve(error === null && payload.toString() === 'heddle12'),
  );
  return promise;
}

const uploads = await Promise.all(Array.from({ length: 100 }, (_, index) => upload(index * 1000)));
const result = {
  wrong: uploads.filter((seen, index) => seen !== `${index * 1000} of ${index * 1000}, ${index * 1000}`),
  large: await upload(5_000_000),
  givesUp: await givesUp(),
  pinged: await pinged(),
  afterwards: await upload(3),
};
console.log(JSON.stringify(result));
session.close();
