import { createLog, openLogDestination } from '../../../runtime/log.ts';
import { onShutdown } from '../../../runtime/shutdown.ts';

// Started by shutdown.test.ts: waits for signals, and does what it reads on standard input.
const destination = openLogDestination(0);
const log = createLog('program', 'info', destination);
const keepAlive = setInterval(() => {}, 1000);
const [mode] = process.argv.slice(2);

const shutdown = onShutdown(log, async () => {
  if (mode === 'hang') await new Promise(() => {});
  if (mode === 'fail') throw new Error('cannot close');
  clearInterval(keepAlive);
  log.info({ aborted: shutdown.signal.aborted }, 'Closed');
});

process.stdin.on('data', () => {
  if (mode === 'throw') setImmediate(() => log.info({ uncaught: shutdown.uncaught }, 'Still here'));
  if (mode === 'throw') throw new Error('a bug');
  if (mode === 'reject') {
    void Promise.reject(new Error('a forgotten promise'));
    setTimeout(() => log.info({ uncaught: shutdown.uncaught }, 'Still here'), 10);
  }
});
log.info('Ready');
