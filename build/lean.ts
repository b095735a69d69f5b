import { isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';

/** Plugins that keep the memory of a bundled program small; the figures are resident MB on Node 26. */
export const leanPlugins: Plugin[] = [
  {
    // `import http from 'node:http'` reads every export to build the module's namespace, and the getter of WebSocket
    // loads undici, http2 and zlib: 14 MB. Asking for the module object itself reads nothing.
    name: 'builtins-without-namespace',
    setup(build) {
      build.onResolve({ filter: /^[a-z_:/]+$/ }, ({ path, kind, namespace }) =>
        isBuiltin(path) && (kind === 'import-statement' || kind === 'dynamic-import') && namespace !== 'builtin'
          ? { path, namespace: 'builtin', sideEffects: false }
          : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
        contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
        loader: 'js',
      }));
    },
  },
  {
    // Koffi's own loader looks for its addon in node_modules; beside the bundle there is one per C library.
    name: 'koffi-addon',
    setup(build) {
      build.onResolve({ filter: /^koffi$/ }, ({ path }) => ({ path, namespace: 'koffi' }));
      build.onLoad({ filter: /.*/, namespace: 'koffi' }, () => ({
        contents: koffiLoader,
        loader: 'js',
        resolveDir: '.',
      }));
    },
  },
  {
    // Its Unicode tables take 1.7 MB; most pods have no route with a regular expression.
    name: 'regular-expressions-on-demand',
    setup(build) {
      build.onResolve({ filter: /^re2js$/ }, ({ path, namespace }) =>
        namespace === 'on-demand' ? undefined : { path, namespace: 'on-demand' },
      );
      build.onLoad({ filter: /.*/, namespace: 'on-demand' }, () => ({
        contents: "export const RE2JS = new Proxy({}, { get: (_, name) => require('re2js').RE2JS[name] });",
        loader: 'js',
        resolveDir: import.meta.dirname,
      }));
    },
  },
  {
    // pino's transports, which run in a thread; no program of ours has one.
    name: 'no-thread-stream',
    setup(build) {
      build.onResolve({ filter: /^thread-stream$/ }, absent);
    },
  },
  {
    // grpc-js reads .proto files only for channelz and ORCA, which no program of ours serves.
    name: 'no-proto-loader',
    setup(build) {
      build.onResolve({ filter: /^@grpc\/proto-loader$/ }, absent);
    },
  },
  {
    // Of client-node only KubeConfig is used: neither the generated API, nor proxies, nor the logins of people.
    name: 'client-node-config-only',
    setup(build) {
      const unused = /^(?:\.\/(?:gen\/index|middleware|(?:azure|gcp|oidc)_auth)\.js|hpagent|socks|socks-proxy-agent)$/;
      build.onResolve({ filter: unused }, ({ path, importer }) =>
        importer.endsWith('/client-node/dist/config.js') ? { path, namespace: 'client-node-unused' } : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: 'client-node-unused' }, () => ({
        contents: clientNodeUnused,
        loader: 'js',
      }));
    },
  },
  {
    // undici's entry loads fetch, WebSocket, caches and mocks; a pool needs none of them.
    name: 'undici-pool-only',
    setup(build) {
      build.onResolve({ filter: /^undici$/ }, ({ path }) => ({ path, namespace: 'undici' }));
      build.onLoad({ filter: /.*/, namespace: 'undici' }, () => ({
        contents: undiciPool,
        loader: 'js',
        resolveDir: import.meta.dirname,
      }));
    },
  },
  {
    name: 'absent',
    setup(build) {
      build.onLoad({ filter: /.*/, namespace: 'absent' }, ({ path }) => ({
        contents: `module.exports = new Proxy(class {}, { construct() { throw new Error(${JSON.stringify(`${path} is not part of the bundle`)}) } })`,
        loader: 'js',
      }));
    },
  },
];

function absent({ path }: { readonly path: string }): { path: string; namespace: string } {
  return { path, namespace: 'absent' };
}

const clientNodeUnused = `
class Unused { isAuthProvider() { return false } }
const names = 'AzureAuth GoogleCloudPlatformAuth OpenIDConnectAuth createConfiguration ServerConfiguration setHeaderMiddleware SocksProxyAgent SocksClient HttpProxyAgent HttpsProxyAgent';
for (const name of names.split(' ')) exports[name] = Unused;
`;

const undiciPool = `
const Dispatcher = require('undici/lib/dispatcher/dispatcher.js');
Object.assign(Dispatcher.prototype, {
  request: require('undici/lib/api/api-request.js'),
  upgrade: require('undici/lib/api/api-upgrade.js'),
});
exports.Pool = require('undici/lib/dispatcher/pool.js');
exports.buildConnector = require('undici/lib/core/connect.js');
`;

const koffiLoader = `
import path from 'node:path';
const addon = { exports: {} };
let failure;
for (const libc of ['linux', 'musl']) {
  const file = path.join(import.meta.dirname, 'koffi', libc + '_' + process.arch + '.node');
  try {
    process.dlopen(addon, file);
    failure = undefined;
    break;
  } catch (error) {
    failure ??= error;
  }
}
if (failure !== undefined) throw failure;
export default addon.exports;
`;
