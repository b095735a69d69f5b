import { integer, oneOf } from '../../runtime/settings.ts';
import { accessLogModes } from './accessLog.ts';

/** Which requests are logged; errors (a status from 500, or any flag) are never sampled away. */
export const accessLogSettings = {
  accessLog: oneOf('HEDDLE_ACCESS_LOG', accessLogModes, 'all'),
  accessLogSample: integer('HEDDLE_ACCESS_LOG_SAMPLE', 1, { min: 1, max: 1_000_000_000 }),
};
