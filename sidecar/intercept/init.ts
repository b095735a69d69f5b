import { createLog, openLogDestination } from '../../runtime/log.ts';
import { reasonOf } from '../../runtime/reason.ts';
import { readSettings } from '../../runtime/settings.ts';
import { applyInterception, removeInterception } from './apply.ts';
import { initSettings, interceptionOf } from './settings.ts';

/** heddle-init: redirects the connections of the network namespace it runs in, `--remove` takes that back. */
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const read = readSettings(initSettings, process.env);
  const unknown = args
    .filter((arg) => arg !== '--remove')
    .map((arg) => `${arg}: unknown argument, only --remove is known`);
  const errors = read.ok ? unknown : [...read.errors, ...unknown];
  if (!read.ok || errors.length > 0) {
    for (const error of errors) console.error(`heddle-init: ${error}`);
    return 1;
  }
  const log = createLog('heddle-init', read.settings.logLevel, openLogDestination(0));
  try {
    if (args.includes('--remove')) await removeInterception(log);
    else await applyInterception(interceptionOf(read.settings), log);
    return 0;
  } catch (error) {
    log.fatal({ reason: reasonOf(error) }, 'The redirect rules could not be set');
    return 1;
  }
}
