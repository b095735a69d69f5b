import path from 'node:path';
import type { Logger } from '../../runtime/log.ts';
import type { Reporter } from './folderState.ts';

/** Of a file that is no configuration at all, every line may be a problem. */
const shownProblems = 10;

const brokenNow = 'Configuration file is broken; its last good version keeps serving';

/** A sidecar may have routing from an earlier agent, which read this file when it was good. */
const brokenAlways =
  'Configuration file is broken and never was good: what it defines is missing; sidecars keep the Services they have';

/**
 * Tells of broken files in the log: one line per problem, and one when a file has none any more. Of objects that are
 * ignored it has one line per kind, with the first file.
 */
export function logFiles(folder: string, log: Logger): Reporter {
  const ignored = new Set<string>();
  return {
    problems(name, problems, was) {
      const file = path.join(folder, name);
      if (problems.length === 0) log.info({ file }, 'Configuration file has no problems any more');
      for (const { line, message } of problems.slice(0, shownProblems)) {
        const place = line > 0 ? { file, line } : { file };
        log.warn({ ...place, reason: message }, was === 'good' ? brokenNow : brokenAlways);
      }
      const more = problems.length - shownProblems;
      if (more > 0) log.warn({ file, more }, 'Configuration file has more problems');
    },
    ignored(name, kind) {
      // Once per kind: in a folder of manifests nearly every file has a Deployment.
      const level = ignored.has(kind) ? 'debug' : 'info';
      ignored.add(kind);
      log[level](
        { file: path.join(folder, name), kind },
        'Objects of this kind are ignored: nothing follows from them',
      );
    },
  };
}
