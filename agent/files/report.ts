import path from 'node:path';
import type { Logger } from '../../runtime/log.ts';
import type { Reporter } from './folderState.ts';

/** Tells of broken files in the log: one line per problem, and one when a file has none any more. */
export function logFiles(folder: string, log: Logger): Reporter {
  return {
    problems(name, problems) {
      const file = path.join(folder, name);
      if (problems.length === 0) log.info({ file }, 'Configuration file has no problems any more');
      for (const { line, message } of problems) {
        const place = line > 0 ? { file, line } : { file };
        log.warn({ ...place, reason: message }, 'Configuration file is broken; its last good version keeps serving');
      }
    },
    ignored(name, kind) {
      log.debug({ file: path.join(folder, name), kind }, 'Object ignored: it says nothing about routing');
    },
  };
}
