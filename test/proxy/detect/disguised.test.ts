import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { detecting } from './detecting.ts';

// None of these is what a codec takes: none may pass routes by, in whatever pieces it comes.
for (const [what, bytes] of [
  ['a line end first', '\nGET / HTTP/1.1\r\n'],
  ['a CR first', '\rGET / HTTP/1.1\r\n'],
  ['an odd mixture of line ends first', '\r\n\nGET / HTTP/1.1\r\n'],
  ['18 KB of empty lines first', `${'\r\n'.repeat(9000)}GET / HTTP/1.1\r\n`],
  ['a method of 33 letters', `${'A'.repeat(33)} / HTTP/1.1\r\n`],
  ['a method of 100 letters', `${'A'.repeat(100)} / HTTP/1.1\r\n`],
  ['a method with an underscore', 'X_Y / HTTP/1.1\r\n'],
  ['a NUL first', '\0GET / HTTP/1.1\r\n'],
  ['a blank first', ' GET / HTTP/1.1\r\n'],
  ['a tab behind the method', 'GET\t/ HTTP/1.1\r\n'],
  ['no version', 'GET /\r\n'],
] as const) {
  for (const known of [{ routed: true }, { protocol: 'http1' }] as const) {
    test(`${what} is HTTP where HTTP must be spoken, whole and with a pause in it (${Object.keys(known).join()})`, async (t) => {
      const whole = await detecting(t, known);
      whole.peer.write(bytes);
      t.regex((await whole.owner.hears(1))[0] ?? '', /^http1 /);
      const paused = await detecting(t, { ...known, limits: { detectTimeoutMs: 20, silenceMs: 10 } });
      paused.peer.write(bytes.slice(0, 2));
      await sleep(60);
      paused.peer.write(bytes.slice(2));
      const heard = await paused.owner.hears(1);
      t.regex(heard.find((one) => one !== 'silence') ?? '', /^http1 /);
    });
  }
}
