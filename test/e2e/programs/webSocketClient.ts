// A WebSocket client (that of Node): sends messages of these sizes, one after another, and prints what came as one JSON line.
const [url = '', ...sizes] = process.argv.slice(2);

const socket = new WebSocket(url);
socket.binaryType = 'arraybuffer';
const heard: (string | number)[] = [];
const left = sizes.map(Number);
const next = (): void => {
  const size = left.shift();
  if (size === undefined) socket.close(1000, 'done');
  else socket.send(new Uint8Array(size).fill(7));
};
socket.addEventListener('message', ({ data }: { readonly data: string | ArrayBuffer }) => {
  heard.push(typeof data === 'string' ? data : data.byteLength);
  next();
});
socket.addEventListener('error', () => heard.push('error'));
socket.addEventListener('close', ({ code, wasClean }) => console.log(JSON.stringify({ heard, code, wasClean })));
