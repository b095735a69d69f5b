import { createConfiguration } from '../../../agent/configuration.ts';
import { createContents } from '../../../agent/discovery/content.ts';
import { identifyByAddress } from '../../../agent/discovery/identity.ts';
import { createDiscoveryServer } from '../../../agent/discovery/server.ts';
import { logFiles } from '../../../agent/files/report.ts';
import { watchFiles } from '../../../agent/files/watch.ts';
import { runLoop } from '../../../agent/loop.ts';
import { capabilityNames } from '../../../routing/wire/capabilities.ts';
import { createEncoder } from '../../../routing/wire/encode.ts';
import { type NewerPart, newerParts } from '../../../routing/wire/newer.ts';
import { createLog, openLogDestination } from '../../../runtime/log.ts';

/**
 * An agent of the future, made of the present one's rooms: to it, three things that the present one sends are new, and
 * need capabilities that no sidecar has. It reads HEDDLE_CONFIG_DIR and listens where agents do.
 */
const future: readonly NewerPart<string>[] = [
  { part: 'Filter.url_rewrite', name: 'URLRewrite', needs: 'heddle.test.rewrite', without: 'fails' },
  { part: 'Match.method', name: 'a match by method', needs: 'heddle.test.method', without: 'fails' },
  { part: 'Endpoint.pod', name: 'names of pods', needs: 'heddle.test.pod', without: 'isLeftOut' },
];

const folder = process.env['HEDDLE_CONFIG_DIR'] ?? '';
const { signal } = new AbortController();
const log = createLog('agent', 'info', openLogDestination(5));
const capabilities = [...capabilityNames, ...future.map(({ needs }) => needs)];
const server = createDiscoveryServer({ log, identify: identifyByAddress, capabilities });
const contents = createContents(createEncoder([...newerParts, ...future]));
const configure = createConfiguration({ log, server, contents });
const address = await server.listen('[::]:15010');
let isReady = false;
await runLoop({
  sources: [watchFiles(folder, { signal, report: logFiles(folder, log), pollMs: 1000 })],
  debounceMs: 0,
  onObjects(objects, changes) {
    configure(objects, changes);
    if (!isReady) log.info({ address }, 'Agent ready');
    isReady = true;
  },
});
