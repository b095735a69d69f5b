import { Registry } from 'prom-client';
import { ObservedStatuses } from '../../agent/cluster/observedStatus.ts';
import { watchCluster } from '../../agent/cluster/watch.ts';
import { createConfiguration } from '../../agent/configuration.ts';
import { identifyByAddress } from '../../agent/discovery/identity.ts';
import { createDiscoveryServer } from '../../agent/discovery/server.ts';
import { runLoop } from '../../agent/loop.ts';
import { type Statuses, startStatuses } from '../../agent/status/statuses.ts';
import type { TranslationChanges } from '../../agent/translate/result.ts';
import type { Api } from '../../kubernetes/api.ts';
import type { LeaseTiming } from '../../kubernetes/leaseState.ts';
import { createLog } from '../../runtime/log.ts';

/** The parts of an agent that read objects and write statuses, in this process. */
export type StatusAgent = {
  readonly api: Api;
  readonly statuses: Statuses;
  readonly registry: Registry;
  readonly lines: readonly string[];
  /** As a SIGTERM. */
  close(): Promise<void>;
  /** As a SIGKILL or a lost network: nothing is released, nothing more is sent. */
  kill(): Promise<void>;
};

export async function startStatusAgent(
  api: Api,
  podName: string,
  timing: LeaseTiming,
  onTranslation: (changes: TranslationChanges) => void = () => {},
): Promise<StatusAgent> {
  const lines: string[] = [];
  const log = createLog('agent', 'debug', { write: (line) => lines.push(line), writeAscii() {}, flushSync() {} });
  const observed = new ObservedStatuses();
  const registry = new Registry();
  const server = createDiscoveryServer({ log, identify: identifyByAddress });
  const statuses = startStatuses({ api, log, namespace: 'default', podName, observed, registry, timing });
  const configure = createConfiguration({
    log,
    server,
    print: () => {},
    onTranslation(changes) {
      onTranslation(changes);
      statuses.onTranslation(changes);
    },
  });
  const ending = new AbortController();
  const looped = runLoop({
    sources: [watchCluster(api, { signal: ending.signal, log, observed })],
    onObjects: configure,
  });
  async function end(): Promise<void> {
    ending.abort();
    await looped;
    await server.close(0);
    await api.close();
  }
  return {
    api,
    statuses,
    registry,
    lines,
    async close() {
      await statuses.close();
      await end();
    },
    async kill() {
      await api.close();
      await Promise.all([statuses.close(), end()]);
    },
  };
}
