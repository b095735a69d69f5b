import { serve } from './serve.ts';

const usage = `serve [--http 8080] [--tcp 9000] [--udp 9001] [--grpc 9002] [--host <address>]
sleep`;

const [command, ...words] = process.argv.slice(2);
// Process 1 of a container has no default for SIGTERM.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0));

if (command === 'serve') serve(words);
else if (command === 'sleep') setInterval(() => {}, 2 ** 30);
else {
  console.error(usage);
  process.exit(1);
}
