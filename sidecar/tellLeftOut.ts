import type { Logger } from 'pino';
import type { OnLeftOut } from '../proxy/upstream/registry.ts';
import { destinationName } from '../routing/model.ts';

/** Tells people which endpoints of a Service are left out since they fail again and again, and when they are tried again. */
export function tellLeftOut(log: Logger): OnLeftOut {
  return (service, { endpoint, outlier }, isLeftOut) => {
    const { address, port, pod } = endpoint;
    const of = { service, endpoint: destinationName(address, port), pod };
    if (!isLeftOut) log.info(of, 'Endpoint used again');
    else
      log.warn(
        { ...of, failures: outlier.failures, forMs: Math.round(outlier.untilMs - outlier.ejectedMs) },
        'Endpoint left out',
      );
  };
}
