import { stat } from 'node:fs/promises';
import { createLog, openLogDestination } from '../runtime/log.ts';
import { readSettings } from '../runtime/settings.ts';
import { onShutdown } from '../runtime/shutdown.ts';
import { createConfiguration } from './configuration.ts';
import { openCredentials } from './discovery/certificate.ts';
import { identifyByAddress } from './discovery/identity.ts';
import { createDiscoveryServer } from './discovery/server.ts';
import { logFiles } from './files/report.ts';
import { watchFiles } from './files/watch.ts';
import { runLoop } from './loop.ts';
import { agentSettings } from './settings.ts';

const read = readSettings(agentSettings, process.env);
if (!read.ok) fail(read.errors);
const { configDir, discoveryAddress, logLevel, pollMs, shutdownGraceMs, tlsCertFile, tlsKeyFile } = read.settings;
const folder = await stat(configDir).catch(() => undefined);
if (folder?.isDirectory() !== true)
  fail([`HEDDLE_CONFIG_DIR=${configDir}: is not a folder; create it or name another`]);

// A reader of standard output that stalls must not stop the agent; 5 ms is what a person cannot see.
const output = openLogDestination(5);
const log = createLog('agent', logLevel, output);
const credentials = await openCredentials({ certFile: tlsCertFile, keyFile: tlsKeyFile }, log).catch((error: Error) =>
  fail([error.message]),
);
const server = createDiscoveryServer({ log, identify: identifyByAddress, credentials });
const { signal } = onShutdown(log, () => server.close(shutdownGraceMs));

const address = await server.listen(discoveryAddress).catch((error: unknown) => {
  const reason = error instanceof Error ? error.message : String(error);
  return fail([`${reason}; set HEDDLE_DISCOVERY_ADDRESS to a free address`]);
});

let isReady = false;
const configure = createConfiguration({ log, server, print: (table) => output.write(table) });
await runLoop({
  sources: [watchFiles(configDir, { signal, report: logFiles(configDir, log), pollMs })],
  onObjects(objects, changes) {
    configure(objects, changes);
    if (!isReady) log.info({ address, configDir }, 'Agent ready');
    isReady = true;
  },
});

function fail(errors: readonly string[]): never {
  for (const error of errors) process.stderr.write(`agent: ${error}\n`);
  process.exit(1);
}
